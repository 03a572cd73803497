package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.cli.pipeline.CameraArguments;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/** The command line as users type it. */
@Tag("server")
final class ShVideoTest {
  @TempDir private Path folder;
  private final TestCommand command = new TestCommand(ShVideo::new);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "run",
        "detect",
        "queue",
        "queue add",
        "queue dead",
        "check",
        "doctor",
        "camera",
        "notebooks"
      })
  void everyCommandHasHelp(String name) {
    assertThat(command.execute((name + " --help").split(" ", -1))).isZero();
    assertThat(command.out()).contains("Usage: sh-video " + name).contains("--help");
  }

  @Test
  void helpMentionsTheCommandsOfACheckout() {
    assertThat(command.execute("--help")).isZero();
    assertThat(command.out()).contains("bench, chaos, evaluate and powercut");
  }

  @Test
  void missingCommandIsReported() {
    assertThat(command.execute()).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("Missing command.").contains("Usage:");
  }

  /** A NUL stands for a letter that the locale lacks: this process' locale has them all. */
  @Test
  void fileNameThatTheLocaleCannotExpressIsReportedWithTheRemedy() {
    assertThat(command.execute("detect", "кіт\0.mp4")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("FILE", "set LC_ALL=C.UTF-8");
  }

  @Test
  void queueOfARunningPipelineIsFoundByItsFolder() throws Exception {
    Files.writeString(folder.resolve("cats.mp4"), "not read");
    String dir = "--video-dir=" + folder;
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(folder))) {
      assertThat(command.execute("queue", "add", dir, "cats.mp4")).isZero();
      assertThat(command.out()).contains("queued for file cats.mp4");

      assertThat(command.execute("queue", dir)).isZero();
      assertThat(command.out()).contains("1 waiting, 0 started").contains("cats.mp4");

      String id = command.out().lines().skip(1).findFirst().orElseThrow().strip().split(" ", 2)[0];
      assertThat(command.execute("queue", "show", dir, id)).isZero();
      assertThat(command.out()).contains("\"QUEUED\"").contains(id);

      assertThat(command.execute("queue", "add", dir, "../secret.mp4"))
          .isEqualTo(ShVideo.BAD_INPUT);
      assertThat(command.err()).contains("..").contains("nothing was queued");
      assertThat(command.execute("queue", "show", dir, "no-such-job")).isEqualTo(ShVideo.BAD_INPUT);
      assertThat(redis.environment()).containsKeys("RDS_HOST", "RDS_PORT", "RDS_PSW");
    }
  }

  @Test
  void jobsSurviveARestartOfTheEmbeddedRedis() {
    VideoFolder video = new VideoFolder(folder);
    Job job = Job.forFile("cats.mp4");
    try (EmbeddedRedis redis = EmbeddedRedis.start(video);
        JobQueue queue = queue(redis)) {
      assertThat(queue.enqueue(job)).isTrue();
    }
    assertThat(EmbeddedRedisAddress.find(video)).isEmpty();
    try (EmbeddedRedis redis = EmbeddedRedis.start(video);
        JobQueue queue = queue(redis)) {
      assertThat(queue.status(job.id()).orElseThrow().state()).isEqualTo(JobState.QUEUED);
    }
  }

  @Test
  void camerasOnTheCommandLineBecomeSettings() {
    assertThat(CameraArguments.toSettings(List.of("rtsp://host/live?a=b")))
        .isEqualTo(Map.of("RTSP_URL", "rtsp://host/live?a=b"));
    assertThat(CameraArguments.toSettings(List.of("front-door=rtsp://a/", "rtsp://b/")))
        .isEqualTo(Map.of("RTSP_URL_FRONT_DOOR", "rtsp://a/", "RTSP_URL_CAMERA_2", "rtsp://b/"));
  }

  private static JobQueue queue(EmbeddedRedis redis) {
    return new JobQueue(QueueSettings.from(Settings.of(redis.environment())));
  }
}
