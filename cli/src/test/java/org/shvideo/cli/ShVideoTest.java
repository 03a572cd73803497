package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.cli.pipeline.CameraArguments;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.queue.EmbeddedAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine;

/** What a user types and what is answered. */
final class ShVideoTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

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
  void everyCommandExplainsItself(String command) {
    assertThat(execute((command + " --help").split(" ", -1))).isZero();
    assertThat(out.toString()).contains("Usage: sh-video " + command).contains("--help");
  }

  @Test
  void missingCommandIsTold() {
    assertThat(execute()).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(err.toString()).contains("a command is missing").contains("Usage:");
  }

  @Test
  void queueOfARunningPipelineIsFoundByItsFolder() throws Exception {
    Files.writeString(folder.resolve("cats.mp4"), "not looked into");
    String dir = "--video-dir=" + folder;
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(folder))) {
      assertThat(execute("queue", "add", dir, "cats.mp4")).isZero();
      assertThat(out.toString()).contains("queued for file cats.mp4");

      out.getBuffer().setLength(0);
      assertThat(execute("queue", dir)).isZero();
      assertThat(out.toString()).contains("1 waiting, 0 started").contains("cats.mp4");

      String id = out.toString().lines().skip(1).findFirst().orElseThrow().strip().split(" ", 2)[0];
      out.getBuffer().setLength(0);
      assertThat(execute("queue", "show", dir, id)).isZero();
      assertThat(out.toString()).contains("\"QUEUED\"").contains(id);

      assertThat(execute("queue", "add", dir, "../secret.mp4")).isEqualTo(ShVideo.BAD_INPUT);
      assertThat(err.toString()).contains("..").contains("nothing was queued");
      assertThat(execute("queue", "show", dir, "no-such-job")).isEqualTo(ShVideo.BAD_INPUT);
      assertThat(redis.environment()).containsKeys("RDS_HOST", "RDS_PORT", "RDS_PSW");
    }
  }

  @Test
  void jobsOfTheEmbeddedRedisOutliveIt() {
    VideoFolder video = new VideoFolder(folder);
    Job job = Job.forFile("cats.mp4");
    try (EmbeddedRedis redis = EmbeddedRedis.start(video);
        JobQueue queue = queue(redis)) {
      assertThat(queue.enqueue(job)).isTrue();
    }
    assertThat(EmbeddedAddress.find(video)).isEmpty();
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

  private int execute(String... arguments) {
    CommandLine commandLine = ShVideo.commandLine(new ShVideo());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }
}
