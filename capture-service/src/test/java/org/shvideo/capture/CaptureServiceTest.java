package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;

/** From a camera to a clip in the folder and a job in Redis. */
class CaptureServiceTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static TestRedis redis;

  @TempDir Path folder;
  private final Heard heard = new Heard();

  @BeforeAll
  static void startRedis() {
    redis = TestRedis.started();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void emptyRedis() {
    redis.command("FLUSHALL");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 25})
  void motionBecomesAClipAndAJob(int fps) throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", fps, 1, 8));
    try (RtspCamera camera = RtspCamera.serving(video).credentials("me", "hush@:/").start();
        LogLines log = new LogLines();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", camera.url()))) {
      service.start();

      Job job = heard.queued();
      assertThat(job.filename()).matches("\\d{8}-\\d{6}\\.avi");
      assertThat(job.camera()).isEqualTo("camera");
      assertThat(queue.depth().waiting()).isEqualTo(1);
      assertThat(queue.take("test", Duration.ZERO).orElseThrow().job()).isEqualTo(job);

      RecordedClip clip = RecordedClip.read(folder.resolve(job.filename()));
      assertThat(clip.codec()).isEqualTo("h264");
      assertThat(clip.frameRate()).isEqualTo(fps, within(0.01));
      assertThat(clip.seconds()).isBetween(2.0, 3.1);
      assertThat(clip.decoded()).isEqualTo(clip.data().size());
      assertThat(clip.keyframes().get(0)).isTrue();
      assertThat(log.lines()).noneMatch(line -> line.contains("hush"));
    }
  }

  @Test
  void httpMjpegClipHasTheRightLength() throws Exception {
    JpegVideo video = TestVideo.motion("mjpeg", 12, 1, 8).jpegs();
    try (MjpegCamera camera = MjpegCamera.serving(video).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", camera.url()))) {
      service.start();

      RecordedClip clip = RecordedClip.read(folder.resolve(heard.queued().filename()));
      assertThat(clip.codec()).isEqualTo("mjpeg");
      assertThat(clip.frameRate()).isEqualTo(12, within(2.0));
      assertThat(clip.seconds()).isBetween(1.9, 2.5);
      assertThat(clip.data().size() / clip.seconds()).isEqualTo(12, within(2.0));
    }
  }

  @Test
  void clipsAreQueuedOnceWhenRedisReturns() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 3));
    redis.stop();
    try (RtspCamera camera = RtspCamera.serving(video).start();
        JobQueue queue = new JobQueue(redis.settings())) {
      Job job;
      try (CaptureService service = service(queue, Map.of("RTSP_URL", camera.url()))) {
        try {
          service.start();
          assertThat(heard.published()).exists();
          assertThat(files(folder.resolve(".outbox"))).isNotEmpty();
        } finally {
          redis.start();
        }
        job = heard.queued();
      }

      assertThat(queue.depth().waiting()).isEqualTo(files(folder).size());
      assertThat(queue.take("test", Duration.ZERO).orElseThrow().job()).isEqualTo(job);
    }
  }

  @Test
  void brokenStreamLeavesItsClipAndReconnects() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    try (LogLines log = new LogLines();
        RtspCamera camera = RtspCamera.serving(video).faults(new Fault.Disconnect(35)).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(queue, Map.of("RTSP_URL", camera.url(), "RECORD_SECONDS", "60"))) {
      service.start();

      Path clip = heard.published();
      camera.clearFaults();
      Eventually.within(SOON, () -> assertThat(camera.totalConnections()).isGreaterThan(1));

      assertThat(RecordedClip.read(clip).seconds()).isBetween(1.2, 2.4);
      assertThat(log.lines())
          .anyMatch(
              line ->
                  line.startsWith("WARN camera Camera unavailable, next try in 1 second")
                      && line.endsWith("the camera closed the connection"));
    }
  }

  @Test
  void hungCameraDelaysNoOther() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    try (RtspCamera hung = RtspCamera.serving(video).faults(new Fault.NoResponse()).start();
        RtspCamera camera = RtspCamera.serving(video).start();
        JobQueue queue = new JobQueue(redis.settings())) {
      long stopping;
      try (CaptureService service =
          service(
              queue,
              Map.of(
                  "RTSP_URL_GATE", hung.url(),
                  "RTSP_URL_FRONT_DOOR", camera.url(),
                  "CAMERA_TIMEOUT", "60"))) {
        service.start();

        Job job = heard.queued();
        assertThat(job.filename()).matches("\\d{8}-\\d{6}-front-door\\.avi");
        assertThat(job.camera()).isEqualTo("front-door");
        stopping = System.nanoTime();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - stopping)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void closesInTimeWhenTheDiskHangs() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    List<Path> pipes = List.of();
    Path recording = folder.resolve(".recording");
    try (RtspCamera camera = RtspCamera.serving(video).start();
        JobQueue queue = new JobQueue(redis.settings())) {
      long stopping;
      try (CaptureService service = service(queue, Map.of("RTSP_URL", camera.url()))) {
        pipes = hangInOutbox();
        service.start();
        // The second clip begins when the first is being published, which hangs.
        Eventually.within(SOON, () -> assertThat(clips(recording)).hasSizeGreaterThan(1));
        stopping = System.nanoTime();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - stopping)).isLessThan(Duration.ofSeconds(10));
      assertThat(clips(recording)).as("left to the next start").hasSizeGreaterThan(1);
    } finally {
      // Who hangs is let go, and goes on: it must neither hang in the next pipe nor find the folder
      // half deleted.
      List<RandomAccessFile> open = new ArrayList<>();
      for (Path pipe : pipes) {
        open.add(new RandomAccessFile(pipe.toFile(), "rw"));
      }
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().equals("clip-publisher")) {
          thread.join(SOON.toMillis());
        }
      }
      for (RandomAccessFile pipe : open) {
        pipe.close();
      }
    }
  }

  /** Outbox entries of clips of the next two minutes cannot be written: opening them hangs. */
  private List<Path> hangInOutbox() throws Exception {
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).minusSeconds(5);
    List<String> command = new ArrayList<>(List.of("mkfifo"));
    for (int second = 0; second < 125; second++) {
      String name =
          DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(now.plusSeconds(second))
              + ".avi.tmp";
      command.add(folder.resolve(".outbox").resolve(name).toString());
    }
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    return command.stream().skip(1).map(Path::of).toList();
  }

  private static List<Path> clips(Path folder) throws IOException {
    return files(folder).stream().filter(file -> file.toString().endsWith(".avi")).toList();
  }

  @Test
  void playsFilesOnceAndEnds() throws Exception {
    Path file = TestVideo.motion("libopenh264", 15, 1, 3).write(folder.resolve("input.mp4"));
    try (JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", file.toString()))) {
      service.start();

      assertThat(service.awaitEnd()).isTrue();
      assertThat(RecordedClip.read(heard.published()).seconds()).isBetween(2.0, 4.0);
    }
  }

  @Test
  void reportsAnUnplayableFileAndEnds() throws Exception {
    try (LogLines log = new LogLines();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", "/no/such/file.avi"))) {
      service.start();

      assertThat(service.awaitEnd()).isFalse();
      assertThat(log.lines())
          .contains(
              "ERROR camera The file cannot be played: /no/such/file.avi: there is no such file,"
                  + " or it may not be read");
    }
  }

  @Test
  void wrongPasswordIsRetriedAfterAMinute() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 1));
    try (LogLines log = new LogLines();
        RtspCamera camera = RtspCamera.serving(video).credentials("me", "right").start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(
                queue, Map.of("RTSP_URL", "rtsp://me:hush@127.0.0.1:" + camera.port() + "/live"))) {
      service.start();

      String line =
          Eventually.get(
              SOON,
              () ->
                  log.lines().stream().filter(l -> l.startsWith("WARN")).findFirst().orElse(null));
      assertThat(line)
          .isEqualTo(
              "WARN camera Camera unavailable, next try in 60 seconds: rtsp://me:***@127.0.0.1:"
                  + camera.port()
                  + "/live: wrong user or password (401)");
    }
  }

  private CaptureService service(JobQueue queue, Map<String, String> own) throws IOException {
    return TestService.open(folder, queue, own, heard);
  }

  private EncodedVideo video(TestVideo video) throws IOException {
    return TestService.video(folder, video);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
