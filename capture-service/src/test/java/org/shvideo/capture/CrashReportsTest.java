package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.CrashReports.Crashes;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.capture.testing.ChildProcess;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/** What is left of a process that a camera's stream has crashed. */
@Tag("process")
@Tag("camera")
@Timeout(60)
final class CrashReportsTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  @TempDir private Path folder;

  /** The process writes to an address that it must not, on the thread of one of its cameras. */
  @Test
  void cameraThatCrashesTheProcessWaitsWhileTheOthersRecord() throws Exception {
    EncodedVideo video = TestService.video(folder, TestVideo.motion("libopenh264", 10, 1, 30));
    try (RtspCamera camera = RtspCamera.serving(video).start()) {
      Process process =
          ChildProcess.start(
              List.of("env", "JDK_JAVA_OPTIONS=-XX:ErrorFile=" + newest()),
              CrashReportsTest.class,
              folder.toString(),
              camera.url());
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isEqualTo(128 + 6);
      assertThat(newest()).exists();

      Set<String> recorded = ConcurrentHashMap.newKeySet();
      try (JobQueue queue = noQueue();
          CaptureService service = open(folder, camera.url(), queue, recorded::add)) {
        service.start();
        await().until(() -> !recorded.isEmpty());
      }
      assertThat(recorded).containsExactly("gate");
      assertThat(newest()).doesNotExist();
      assertThat(reports()).singleElement().asString().matches("двір\\.\\d+\\.log");
    }
  }

  /** The process that crashes. */
  public static void main(String[] arguments) throws Exception {
    Consumer<String> crash =
        camera -> {
          if (camera.equals("двір")) {
            Pointer.memset(new Address(16), 1, 1);
          }
        };
    try (JobQueue queue = noQueue();
        CaptureService service = open(Path.of(arguments[0]), arguments[1], queue, crash)) {
      service.start();
      new CountDownLatch(1).await();
    }
  }

  private static final class Address extends BytePointer {
    Address(long number) {
      super((Pointer) null);
      address = number;
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 10", "2, 60", "3, 360", "4, 2160", "5, 3600", "9, 3600"})
  void waitsLongerAfterEachCrash(int crashes, int seconds) throws IOException {
    for (int crash = 0; crash < crashes; crash++) {
      report("door", Duration.ofMinutes(5L * crash));
    }
    assertThat(read().of("door")).isEqualTo(new Crashes(crashes, Duration.ofSeconds(seconds)));
  }

  @Test
  void timeThatHasPassedCounts() throws IOException {
    report("door", Duration.ofSeconds(4));
    assertThat(read().of("door").delay()).isEqualTo(Duration.ofSeconds(6));
    report("gate", Duration.ofMinutes(1));
    assertThat(read().of("gate")).isEqualTo(new Crashes(1, Duration.ZERO));
  }

  @Test
  void otherCamerasAndOldCrashesDoNotCount() throws IOException {
    report("door-2", Duration.ZERO);
    report("door", Duration.ofDays(2));
    report("door", Duration.ofDays(-2)); // the clock was wrong
    assertThat(read().of("door")).isEqualTo(new Crashes(0, Duration.ZERO));
  }

  @Test
  void twentyReportsAreKept() throws IOException {
    for (int crash = 0; crash < 25; crash++) {
      report("door", Duration.ofMinutes(crash));
    }
    assertThat(read().of("door").number()).isEqualTo(25);
    assertThat(reports()).hasSize(20);
  }

  @Test
  void reportOfAnotherThreadDelaysNoCamera() throws IOException {
    Files.writeString(newest(), "# SIGSEGV\nCurrent thread is native thread\n");
    assertThat(read().of("door")).isEqualTo(new Crashes(0, Duration.ZERO));
    assertThat(reports()).singleElement().asString().startsWith("(unknown).");
    assertThat(Files.getPosixFilePermissions(folder.resolve(CrashReports.FOLDER)))
        .as("reports hold pieces of memory")
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  private CrashReports read() {
    return new CrashReports(new VideoFolder(folder), Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private void report(String camera, Duration age) throws IOException {
    Instant time = NOW.minus(age);
    Path file =
        Files.createDirectories(folder.resolve(CrashReports.FOLDER))
            .resolve("%s.%d.log".formatted(camera, time.toEpochMilli()));
    Files.setLastModifiedTime(Files.createFile(file), FileTime.from(time));
  }

  private Path newest() {
    return folder.resolve(CrashReports.NEWEST);
  }

  private List<Path> reports() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(CrashReports.FOLDER))) {
      return files.map(Path::getFileName).toList();
    }
  }

  private static JobQueue noQueue() {
    return new JobQueue(
        QueueSettings.from(Settings.of(Map.of("RDS_HOST", "127.0.0.1", "RDS_PORT", "1"))));
  }

  private static CaptureService open(
      Path folder, String url, JobQueue queue, Consumer<String> onRecording) throws IOException {
    ClipListener listener =
        new ClipListener() {
          @Override
          public void opened(String camera, OffsetDateTime recordedAt) {
            onRecording.accept(camera);
          }
        };
    return TestService.open(
        folder, queue, Map.of("RTSP_URL_ДВІР", url, "RTSP_URL_GATE", url), listener);
  }
}
