package org.shvideo.cli.pipeline;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.MonitoringClient;
import org.shvideo.tasks.monitoring.PrometheusText;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.clip.ClipReader;

/** From motion in front of a camera to the line in the log, with all the real parts. */
@Tag("camera")
@Tag("model")
@Tag("server")
@Timeout(value = 4, unit = MINUTES)
final class PipelineTest {
  private static final Path root = Path.of(System.getProperty("shvideo.root"));

  @TempDir private Path folder;
  private final StringWriter events = new StringWriter();

  @Test
  void objectsInFootageOverRtspAreLogged() throws Exception {
    Path model = TestFiles.yolov8n();
    Path footage = TestFiles.footage("one-by-one-person-detection.mp4");
    try (TestRedis redis = TestRedis.started();
        RtspCamera camera =
            RtspCamera.serving(VideoFile.read(footage)).credentials("viewer", "p@ss/1").start()) {
      assertThat(run(redis, camera.url(), model, 1)).isZero();

      DetectionLine line = firstLine();
      assertThat(line.ok()).isTrue();
      assertThat(line.detected()).contains("person");
      assertThat(line.durationSeconds()).isCloseTo(6.0, within(1.5));
      assertThat(line.model()).startsWith("yolov8n@");
      assertThat(folder.resolve(line.snapshot())).isNotEmptyFile();
      try (ClipReader clip = ClipReader.open(folder.resolve(line.filename()), 1)) {
        int frames = 0;
        while (clip.next()) {
          frames++;
        }
        assertThat(frames).isEqualTo(line.frames());
        assertThat(clip.info().codec()).isEqualTo("h264");
        assertThat(clip.damaged()).isZero();
      }
      try (JobQueue queue = new JobQueue(redis.settings())) {
        assertThat(queue.status(line.job()).orElseThrow().state()).isEqualTo(JobState.FINISHED);
        assertThat(queue.depth().started()).isZero();
        assertThat(queue.depth().dead()).isZero();
      }
      assertThat(events.toString()).contains(line.job() + "  queued").doesNotContain("p@ss/1");
    }
  }

  @Test
  void fileIsAnalysedToItsEnd() throws Exception {
    Path model = TestFiles.yolov8n();
    Path footage = TestFiles.footage("car-detection.mp4");
    try (TestRedis redis = TestRedis.started()) {
      assertThat(run(redis, footage.toString(), model, 0)).isZero();

      List<DetectionLine> lines = lines();
      assertThat(lines).isNotEmpty().allMatch(DetectionLine::ok);
      assertThat(lines.stream().flatMap(line -> line.detected().stream())).contains("car");
      try (JobQueue queue = new JobQueue(redis.settings())) {
        assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, 0));
      }
      try (Stream<Path> clips = Files.list(folder)) {
        assertThat(clips.map(Path::getFileName).map(Path::toString))
            .filteredOn(name -> name.endsWith(".avi"))
            .containsExactlyInAnyOrderElementsOf(
                lines.stream().map(DetectionLine::filename).toList());
      }
    }
  }

  @Test
  void demoModelDetectsTheDrawnSign() throws Exception {
    try (TestRedis redis = TestRedis.started();
        RtspCamera camera = RtspCamera.serving(SceneVideo.encode(Scene.demo())).start()) {
      int port = EmbeddedRedis.freePort();
      CompletableFuture<Integer> end =
          CompletableFuture.supplyAsync(
              () -> run(redis, camera.url(), TestFiles.demoModel(), 1, Integer.toString(port)));
      Set<String> served = awaitMetrics(port, end).families().keySet();
      assertThat(served)
          .as("both services at one port")
          .contains("shvideo_camera_connected", "shvideo_model_info", "shvideo_queue_jobs");
      assertThat(end.join()).isZero();

      DetectionLine line = firstLine();
      assertThat(line.model()).startsWith("demo@");
      assertThat(line.objects()).extracting(DetectedObject::label).containsExactly("stop sign");
    }
  }

  @Test
  void clipsWhoseJobsWereLostWithTheQueueAreAnalysed() throws Exception {
    Map<String, String> ownRedis = Map.of();
    try (RtspCamera camera = RtspCamera.serving(SceneVideo.encode(Scene.demo())).start()) {
      assertThat(run(ownRedis, camera.url(), TestFiles.demoModel(), 1, "0")).isZero();
      String lost = firstLine().filename();
      Files.delete(folder.resolve(DetectionLog.FILE_NAME));
      FileOperations.deleteTree(folder.resolve(".outbox")); // as if they had been sent long ago
      Path manifest = folder.resolve(".redis/appendonlydir/appendonly.aof.manifest");
      Files.write(manifest, new byte[(int) Files.size(manifest)]);

      assertThat(run(ownRedis, camera.url(), TestFiles.demoModel(), 2, "0")).isZero();

      assertThat(events.toString()).containsPattern("queued [12] clips again whose jobs were lost");
      assertThat(lines()).extracting(DetectionLine::filename).contains(lost).hasSizeBetween(2, 4);
    }
  }

  @Test
  void recordingContinuesWithoutRedis() throws Exception {
    Path home = Files.createDirectories(folder.resolve(".redis"));
    Path log = Files.createDirectories(home.resolve("redis.log")); // its log cannot be written
    try (RtspCamera camera = RtspCamera.serving(SceneVideo.encode(Scene.demo())).start()) {
      CompletableFuture<Integer> end =
          CompletableFuture.supplyAsync(
              () -> run(Map.of(), camera.url(), TestFiles.demoModel(), 1, "0"));
      await()
          .atMost(1, MINUTES)
          .failFast("the pipeline ended", end::isDone)
          .ignoreExceptions()
          .until(() -> folder.resolve(".outbox").toFile().list().length > 0);

      Files.delete(log);

      assertThat(end.get(1, MINUTES)).isZero();
      assertThat(firstLine().ok()).isTrue();
    }
  }

  @Test
  void cameraOfAnotherMakeIsRecorded() throws Exception {
    Path python = Path.of("/usr/bin/python3");
    assumeTrue(Files.isExecutable(python), "no python3 of the system");
    Process server =
        new ProcessBuilder(
                python.toString(),
                root.resolve(".ci/gst-rtsp-server.py").toString(),
                "--user",
                "viewer",
                "--password",
                "secret")
            .redirectError(folder.resolve("gst.txt").toFile())
            .start();
    try (BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
        TestRedis redis = TestRedis.started()) {
      String url = lines.readLine();
      assumeTrue(url != null, "GStreamer's RTSP server is not installed");
      String withUser = url.replace("rtsp://", "rtsp://viewer:secret@");
      assertThat(run(redis, withUser, TestFiles.demoModel(), 1)).isZero();

      DetectionLine line = firstLine();
      assertThat(line.ok()).isTrue();
      assertThat(line.durationSeconds()).isCloseTo(6.0, within(1.5));
      assertThat(events.toString()).doesNotContain("secret");
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  @Test
  void metricsPortInUseIsReported() throws Exception {
    try (TestRedis redis = TestRedis.started();
        ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(other.getLocalPort());
      assertThatThrownBy(
              () -> run(redis, "rtsp://127.0.0.1:1/live", TestFiles.demoModel(), 1, port))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("Cannot listen on METRICS_PORT " + port);
    }
  }

  /** The metrics, as soon as they are served. */
  private static PrometheusText awaitMetrics(int port, Future<?> running) {
    return await()
        .atMost(1, MINUTES)
        .failFast("the pipeline ended", running::isDone)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> MonitoringClient.metrics(port), Objects::nonNull);
  }

  private int run(TestRedis redis, String url, Path model, int clips) {
    return run(redis, url, model, clips, "0");
  }

  private int run(TestRedis redis, String url, Path model, int clips, String metricsPort) {
    QueueSettings queue = redis.settings();
    Map<String, String> address =
        Map.of("RDS_HOST", queue.host(), "RDS_PORT", Integer.toString(queue.port()));
    return run(address, url, model, clips, metricsPort);
  }

  private int run(
      Map<String, String> redis, String url, Path model, int clips, String metricsPort) {
    Map<String, String> environment = new HashMap<>(redis);
    environment.put("RTSP_URL", url);
    environment.put("VIDEO_DIR", folder.toString());
    environment.put("RECORD_SECONDS", "6");
    environment.put("METRICS_PORT", metricsPort);
    environment.put("LOGLEVEL", "WARNING");
    try {
      return new Pipeline(Settings.of(environment), new PrintWriter(events)).run(model, clips);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private DetectionLine firstLine() {
    return lines().get(0);
  }

  private List<DetectionLine> lines() {
    try (Stream<DetectionLine> lines =
        new DetectionLog(folder.resolve(DetectionLog.FILE_NAME)).lines()) {
      return lines.toList();
    }
  }
}
