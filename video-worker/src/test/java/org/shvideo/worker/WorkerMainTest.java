package org.shvideo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.monitoring.MonitoringClient;

@Tag("model")
@Tag("process")
@Tag("server")
final class WorkerMainTest {
  private static final Path ROOT = Path.of(System.getProperty("shvideo.root"));
  private static final Path REAL_JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void settingsThatCannotBeUsedAreToldAllAtOnce() throws Exception {
    Process worker = start(Map.of("RDS_PORT", "none", "CONFIDENCE", "2", "RDS_PSW", "s3cret"));

    assertThat(exitStatus(worker)).isEqualTo(2);
    assertThat(output())
        .contains(
            "RDS_PORT must be a whole number from 1 to 65535, not \"none\"",
            "CONFIDENCE must be a number from 0.01 to 0.99, not \"2\"")
        .doesNotContain("s3cret", "Exception");
  }

  @Test
  void withoutAModelItSaysWhereOneMayCome() throws Exception {
    Process worker =
        start(
            Map.of(
                "VIDEO_DIR", folder.resolve("video").toString(),
                "DJL_CACHE_DIR", folder.resolve("cache").toString()));

    assertThat(exitStatus(worker)).isEqualTo(1);
    assertThat(output())
        .contains(
            "No YOLOv8n model found",
            folder.resolve("models/yolov8n.torchscript").toString(),
            "DJL's model zoo")
        .doesNotContain("Exception");
  }

  @Test
  void itWaitsForRedisAndStopsInTimeWhenTold() throws Exception {
    int nobody = freePort();
    int port = freePort();
    Path video = folder.resolve("video");
    Process worker =
        start(
            Map.of(
                "YOLO_MODEL", TestFiles.demoModel().toString(),
                "VIDEO_DIR", video.toString(),
                "RDS_HOST", "127.0.0.1",
                "RDS_PORT", Integer.toString(nobody),
                "METRICS_PORT", Integer.toString(port)));
    await(() -> output().contains("Retrying until it works"), worker);
    assertThat(output()).contains("127.0.0.1:" + nobody, "demo@", video.toString());

    MonitoringClient.HealthReport health = MonitoringClient.health(port);
    assertThat(health.status()).isEqualTo(503);
    assertThat(health.check("redis")).startsWith("failed: ").contains("RDS_PORT");
    assertThat(health.check("worker")).startsWith("ok: ");
    assertThat(MonitoringClient.metrics(port).value("shvideo_redis_up")).isZero();

    long told = System.nanoTime();
    worker.destroy();

    assertThat(exitStatus(worker)).isEqualTo(128 + 15);
    assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(Duration.ofSeconds(10));
    assertThat(output()).contains("Worker stopped");
  }

  @Test
  void itMayBeToldToStopWhileItLoadsItsModel() throws Exception {
    Process worker =
        start(
            Map.of(
                "YOLO_MODEL", TestFiles.demoModel().toString(),
                "VIDEO_DIR", folder.resolve("video").toString()));
    await(() -> hasLoaded(worker, "libtorch_cpu"), worker);

    worker.destroy();

    assertThat(exitStatus(worker)).isEqualTo(128 + 15);
    assertThat(output()).doesNotContain("fatal error", "SIGSEGV");
  }

  @Test
  void itsStartScriptServesAFolderInAnyAlphabetWhateverTheLocale() throws Exception {
    Path java = Files.createDirectory(folder.resolve("bin")).resolve("java");
    Files.writeString(
        java,
        "#!/bin/sh\nexec '%s' -cp '%s' %s\n"
            .formatted(
                REAL_JAVA, System.getProperty("java.class.path"), WorkerMain.class.getName()));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Process worker =
        startInLocaleC(
            Map.of("JAVA_HOME", folder.toString(), "JAVA_OPTS", "-Xmx256m"),
            "sh",
            ROOT.resolve("video-worker/src/main/bin/video-worker").toString());

    await(() -> output().contains("Worker "), worker);
    worker.destroy();

    assertThat(output()).contains("analyses clips in " + folder.resolve("Відео"));
    assertThat(folder.resolve("Відео")).isDirectory();
    assertThat(exitStatus(worker)).isEqualTo(128 + 15);
  }

  @Test
  void aNameThatTheLocaleCannotExpressIsToldWithTheRemedy() throws Exception {
    Process worker =
        startInLocaleC(
            Map.of(),
            REAL_JAVA.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            WorkerMain.class.getName());

    assertThat(exitStatus(worker)).isEqualTo(2);
    assertThat(output())
        .contains("VIDEO_DIR must be a path that the locale can express (set LC_ALL=C.UTF-8)");
  }

  /** In the locale C, with a VIDEO_DIR whose bytes are the UTF-8 of Відео. */
  private Process startInLocaleC(Map<String, String> more, String... command) throws IOException {
    String script =
        "VIDEO_DIR=$PLACE/$(printf '\\320\\222\\321\\226\\320\\264\\320\\265\\320\\276');"
            + " export VIDEO_DIR; exec \"$@\"";
    List<String> whole = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    whole.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(whole);
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("PLACE", folder.toString());
    builder.environment().put("YOLO_MODEL", TestFiles.demoModel().toString());
    builder.environment().put("RDS_PORT", Integer.toString(freePort()));
    builder.environment().putAll(more);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
  }

  private static boolean hasLoaded(Process process, String library) throws IOException {
    Path maps = Path.of("/proc", Long.toString(process.pid()), "maps");
    return !Files.exists(maps) || Files.readString(maps).contains(library);
  }

  @Test
  void aMetricsPortThatIsTakenIsTold() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process worker =
          start(
              Map.of(
                  "YOLO_MODEL", TestFiles.demoModel().toString(),
                  "VIDEO_DIR", folder.resolve("video").toString(),
                  "METRICS_PORT", Integer.toString(other.getLocalPort())));

      assertThat(exitStatus(worker)).isEqualTo(1);
      assertThat(output())
          .contains("Cannot listen on METRICS_PORT " + other.getLocalPort(), "Set METRICS_PORT")
          .doesNotContain("Exception");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process start(Map<String, String> environment) throws IOException {
    return WorkerProcess.start(environment, folder, folder.resolve("output"));
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private static int exitStatus(Process worker) throws InterruptedException {
    try {
      assertThat(worker.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).as("it ended").isTrue();
      return worker.exitValue();
    } finally {
      worker.destroyForcibly();
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private void await(Condition condition, Process worker) throws Exception {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.holds()) {
      assertThat(worker.isAlive()).as(output()).isTrue();
      assertThat(System.nanoTime()).as(output()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
