package org.shvideo.cli.pipeline;

import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.TestClip;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.MonitoringClient;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.WorkerMain;

/** The worker's process ends, and so does the one that started it; both are real processes. */
@Tag("camera")
@Tag("model")
@Tag("process")
@Tag("server")
@Timeout(value = 4, unit = MINUTES)
final class SupervisedWorkerTest {
  @TempDir private Path folder;
  private final StringWriter events = new StringWriter();
  private TestRedis redis;
  private JobQueue queue;

  /** A job whose clip takes longer than any of these tests. */
  private Job endless;

  @BeforeEach
  void start() throws IOException {
    redis = TestRedis.started();
    queue = new JobQueue(redis.settings());
    TestClip.write(folder.resolve("endless.avi"), 600);
    endless = Job.forFile("endless.avi");
    queue.enqueue(endless);
  }

  @AfterEach
  void stop() {
    queue.close();
    redis.close();
  }

  @Test
  void clipThatEndsEveryWorkerEndsNoRecording() throws Exception {
    int port = EmbeddedRedis.freePort();
    try (RtspCamera camera = RtspCamera.serving(SceneVideo.encode(Scene.demo())).start()) {
      Map<String, String> settings = settings(camera.url());
      settings.put("METRICS_PORT", Integer.toString(port));
      CompletableFuture<Integer> end = CompletableFuture.supplyAsync(() -> run(settings));
      String started = endless.id() + "  started";

      awaitEvent(started);
      signal("SEGV", worker(ProcessHandle.current()));
      awaitEvent("worker    crashed");
      assertThat(MonitoringClient.health(port).check("worker"))
          .startsWith("failed: its process crashed");
      awaitEvent(started + ", attempt 2");
      signal("KILL", worker(ProcessHandle.current()));
      awaitEvent("worker    was killed");

      assertThat(end.get()).as("a clip was recorded and analysed").isZero();
    }
    assertThat(folder.resolve(".worker-crash.log")).content().contains("SIGSEGV");
    assertThat(lines()).hasSize(2);
    assertThat(lines().get(0).job()).isEqualTo(endless.id());
    assertThat(lines().get(0).error()).startsWith("gave up after 2 attempts: the worker died");
    assertThat(lines().get(1).detected()).containsExactly("stop sign");
    assertThat(lines().get(1).durationSeconds()).isCloseTo(6.0, within(1.5));
    assertThat(queue.deadLetters(2)).hasSize(1);
    assertThat(queue.depth().started()).isZero();
  }

  @Test
  void workerEndsWithAKilledParent() throws Exception {
    Process parent = startRun();
    try {
      ProcessHandle worker = worker(parent.toHandle());
      assertThat(processFile(worker, "cmdline")).contains("WorkerMain").doesNotContain("s3cret");
      assertThat(processFile(worker, "environ")).contains("RDS_PORT=").doesNotContain("s3cret");

      parent.destroyForcibly().waitFor();

      await().atMost(15, SECONDS).until(() -> !worker.isAlive());
      assertJobWasGivenBack();
    } finally {
      parent.destroyForcibly();
    }
  }

  /** The terminal sends Ctrl-C to both processes, a service manager sends both SIGTERM. */
  @Test
  void signalToBothIsLeftToTheParent() throws Exception {
    Process parent = startRun();
    try {
      ProcessHandle worker = worker(parent.toHandle());

      signal("INT", worker);
      signal("TERM", worker);
      signal("HUP", worker);
      awaitProgress();
      awaitProgress();
      assertThat(worker.isAlive()).isTrue();
      signal("TERM", parent.toHandle());

      assertThat(parent.waitFor(30, SECONDS)).isTrue();
      assertThat(worker.isAlive()).isFalse();
      assertJobWasGivenBack();
      assertThat(output()).content().doesNotContain("Starting another");
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void modelThatCannotBeLoadedIsReported() throws Exception {
    Path model = Files.writeString(folder.resolve("bad.torchscript"), "no model");
    Map<String, String> settings = settings("rtsp://127.0.0.1:1/live");
    settings.put("YOLO_MODEL", model.toString());
    Process parent = start(settings);

    assertThat(parent.waitFor(60, SECONDS)).isTrue();
    assertThat(parent.exitValue()).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(output()).content().contains("sh-video: ", model.toString()).doesNotContain("\tat ");
  }

  private void awaitProgress() {
    double before = queue.status(endless.id()).orElseThrow().progress();
    await()
        .atMost(30, SECONDS)
        .until(() -> queue.status(endless.id()).orElseThrow().progress() > before);
  }

  private void assertJobWasGivenBack() {
    assertThat(queue.status(endless.id()).orElseThrow())
        .returns(JobState.RETRYING, status -> status.state())
        .returns(0, status -> status.attempt());
  }

  /** A process of {@code sh-video run} whose worker has begun the endless clip. */
  private Process startRun() throws IOException {
    Process parent = start(settings("rtsp://viewer:s3cret@127.0.0.1:1/live"));
    await()
        .atMost(1, MINUTES)
        .failFast("it ended", () -> !parent.isAlive())
        .until(() -> Files.readString(output()).contains(endless.id() + "  started"));
    return parent;
  }

  private Process start(Map<String, String> settings) throws IOException {
    List<String> command = new ArrayList<>(JavaCommand.of(ShVideo.class, "-Xmx256m"));
    command.add("run");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(settings);
    return builder.redirectOutput(output().toFile()).start();
  }

  private Path output() {
    return folder.resolve("output.txt");
  }

  private int run(Map<String, String> settings) {
    try {
      return new Pipeline(Settings.of(settings), new PrintWriter(events))
          .run(TestFiles.demoModel(), 1);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, String> settings(String camera) {
    Map<String, String> settings = new HashMap<>();
    settings.put("RTSP_URL", camera);
    settings.put("VIDEO_DIR", folder.toString());
    settings.put("RECORD_SECONDS", "6");
    settings.put("RDS_HOST", redis.settings().host());
    settings.put("RDS_PORT", Integer.toString(redis.settings().port()));
    settings.put("JOB_LEASE", "600"); // nothing here may wait until it expires
    settings.put("JOB_ATTEMPTS", "2");
    settings.put("YOLO_MODEL", TestFiles.demoModel().toString());
    settings.put("SAMPLING", "every");
    settings.put("LOGLEVEL", "WARNING");
    return settings;
  }

  private void awaitEvent(String event) {
    await().atMost(1, MINUTES).until(() -> events.toString().contains(event));
  }

  private static ProcessHandle worker(ProcessHandle parent) {
    return await()
        .until(
            () ->
                parent
                    .descendants()
                    .filter(
                        process ->
                            processFile(process, "cmdline").contains(WorkerMain.class.getName()))
                    .findFirst()
                    .orElse(null),
            found -> found != null);
  }

  private static String processFile(ProcessHandle process, String file) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(process.pid()), file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /** Java itself can only send SIGTERM and SIGKILL. */
  private static void signal(String name, ProcessHandle process) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  private List<DetectionLine> lines() {
    try (Stream<DetectionLine> lines =
        new DetectionLog(folder.resolve(DetectionLog.FILE_NAME)).lines()) {
      return lines.toList();
    }
  }
}
