package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.tasks.monitoring.MonitoringClient;
import org.shvideo.tasks.queue.TestRedis;

/** The service as a process of its own, as in a container. */
@Tag("camera")
@Tag("process")
@Tag("server")
class CaptureMainTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir Path temporary;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void sigtermFinishesAndPublishesTheClipInProgress() throws Exception {
    Path folder = temporary.resolve("video");
    int port = freePort();
    try (TestRedis redis = TestRedis.started();
        RtspCamera camera = camera()) {
      Map<String, String> environment =
          new HashMap<>(recording(folder, camera.url(), redis.port()));
      environment.put("METRICS_PORT", Integer.toString(port));
      Process process = start(environment);
      awaitClipInProgress(folder, process);
      assertThat(MonitoringClient.health(port).status()).isEqualTo(200);
      assertThat(
              MonitoringClient.metrics(port).value("shvideo_camera_connected", "camera", "camera"))
          .isEqualTo(1);

      process.destroy();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();

      assertThat(process.exitValue()).isEqualTo(128 + 15);
      Path clip = onlyClip(folder);
      assertThat(RecordedClip.read(clip).seconds()).isBetween(0.5, 20.0);
      assertThat(files(folder.resolve(".recording"))).noneMatch(CaptureMainTest::isClip);
      assertThat(redis.command("XRANGE", "video_queue", "-", "+"))
          .contains(clip.getFileName().toString());
    }
  }

  @Test
  void unfinishedClipsArePublishedAfterACrash() throws Exception {
    Path folder = temporary.resolve("video");
    try (TestRedis redis = TestRedis.started();
        RtspCamera camera = camera()) {
      Process process = start(recording(folder, camera.url(), redis.port()));
      Path unfinished = awaitClipInProgress(folder, process);
      process.destroyForcibly().waitFor();

      Path end = Files.write(temporary.resolve("nothing.avi"), new byte[0]);
      Process next = start(recording(folder, end.toString(), redis.port()));
      assertThat(next.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

      Path clip = onlyClip(folder);
      assertThat(clip.getFileName()).isEqualTo(unfinished.getFileName());
      assertThat(RecordedClip.read(clip).data()).isNotEmpty();
      assertThat(redis.command("XRANGE", "video_queue", "-", "+"))
          .contains(clip.getFileName().toString());
    }
  }

  @Test
  void reportsAllInvalidSettings() throws Exception {
    Process process =
        start(Map.of("RTSP_URL", "ftp://me:hush@cam", "CAMERA_TIMEOUT", "soon", "RDS_PORT", "-1"));

    assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(output())
        .contains("RTSP_URL must begin with", "CAMERA_TIMEOUT must be", "RDS_PORT must be")
        .doesNotContain("hush", "\tat ");
  }

  @Test
  void reportsAMetricsPortInUse() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process =
          start(
              Map.of(
                  "RTSP_URL", "rtsp://127.0.0.1:1/live",
                  "VIDEO_DIR", temporary.resolve("video").toString(),
                  "METRICS_PORT", Integer.toString(other.getLocalPort())));

      assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(output())
          .contains("Cannot listen on METRICS_PORT " + other.getLocalPort(), "Set METRICS_PORT")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void reportsAnUnusableFolder() throws Exception {
    Path file = Files.writeString(temporary.resolve("taken"), "not a folder");
    Process process = start(Map.of("RTSP_URL", "rtsp://cam", "VIDEO_DIR", file.toString()));

    assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(output())
        .contains("The video folder " + file + " cannot be used")
        .doesNotContain("\tat ");
  }

  /** In the locale C, with names whose bytes are the UTF-8 of Відео. */
  @Test
  void startScriptServesNamesInAnyAlphabetWhateverTheLocale() throws Exception {
    Path java = Files.createDirectory(temporary.resolve("bin")).resolve("java");
    Files.writeString(
        java,
        "#!/bin/sh\nexec '%s' -cp '%s' %s\n"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                CaptureMain.class.getName()));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    TestVideo.motion("libopenh264", 15, 1, 5).write(temporary.resolve("camera.mp4"));
    String script =
        """
        name=$(printf '\\320\\222\\321\\226\\320\\264\\320\\265\\320\\276')
        mv camera.mp4 "$name.mp4"
        RTSP_URL=$name.mp4 VIDEO_DIR=$name exec sh "$1"
        """;
    Path start =
        Path.of(System.getProperty("shvideo.root"))
            .resolve("capture-service/src/main/bin/capture-service");
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", script, "sh", start.toString());
    builder.environment().putAll(recording(temporary, "", freePort()));
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("JAVA_HOME", temporary.toString());

    Process process = start(builder.directory(temporary.toFile()));

    assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(RecordedClip.read(onlyClip(temporary.resolve("Відео"))).data()).isNotEmpty();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private RtspCamera camera() throws IOException {
    Path file = TestVideo.motion("libopenh264", 15, 1, 20).write(temporary.resolve("camera.mp4"));
    return RtspCamera.serving(VideoFile.read(file)).start();
  }

  private static Map<String, String> recording(Path folder, String url, int redisPort) {
    return Map.of(
        "RTSP_URL", url,
        "VIDEO_DIR", folder.toString(),
        "RDS_HOST", "127.0.0.1",
        "RDS_PORT", Integer.toString(redisPort),
        "RECORD_SECONDS", "60",
        "MOTION_WARM_UP", "0.5",
        "MOTION_MIN_AREA", "1000");
  }

  private Process start(Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            CaptureMain.class.getName());
    builder.environment().keySet().removeIf(name -> name.startsWith("RTSP_URL"));
    builder.environment().putAll(environment);
    return start(builder);
  }

  private Process start(ProcessBuilder builder) throws IOException {
    builder.redirectErrorStream(true);
    builder.redirectOutput(temporary.resolve("output.txt").toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private String output() throws IOException {
    return Files.readString(temporary.resolve("output.txt"));
  }

  /** Returns the clip in progress once it has a good part of a second. */
  private Path awaitClipInProgress(Path folder, Process process) throws Exception {
    return await()
        .atMost(SOON)
        .until(
            () -> {
              assertThat(process.isAlive()).as(output()).isTrue();
              return Files.isDirectory(folder.resolve(".recording"))
                  ? files(folder.resolve(".recording")).stream()
                      .filter(file -> isClip(file) && file.toFile().length() > 30_000)
                      .findFirst()
                      .orElse(null)
                  : null;
            },
            Objects::nonNull);
  }

  private static Path onlyClip(Path folder) throws IOException {
    List<Path> clips = files(folder).stream().filter(CaptureMainTest::isClip).toList();
    assertThat(clips).hasSize(1);
    return clips.get(0);
  }

  private static boolean isClip(Path file) {
    return file.toString().endsWith(".avi");
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
