package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.capture.testing.Samples;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;

/** From a camera to a clip in the folder and a job in Redis. */
@Tag("camera")
@Tag("server")
class CaptureServiceTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static TestRedis redis;

  @TempDir Path folder;
  private final ClipEvents events = new ClipEvents();

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
        CapturedLog log = new CapturedLog();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", camera.url()))) {
      service.start();

      Job job = events.queued();
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

      RecordedClip clip = RecordedClip.read(folder.resolve(events.queued().filename()));
      assertThat(clip.codec()).isEqualTo("mjpeg");
      assertThat(clip.frameRate()).isEqualTo(12, within(2.0));
      assertThat(clip.seconds()).isBetween(1.9, 2.5);
      assertThat(clip.data().size() / clip.seconds()).isEqualTo(12, within(2.0));
    }
  }

  @Test
  void continuousRecordingAndMotionHaveEachPacketOnce() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 12, 3));
    Path continuous = folder.resolve("continuous");
    try (RtspCamera camera = RtspCamera.serving(video).start();
        JobQueue queue = new JobQueue(redis.settings())) {
      int jobs;
      try (CaptureService service =
          service(queue, Map.of("RTSP_URL", camera.url(), "RECORD_ALWAYS_CAMERA", "on"))) {
        service.start();
        events.queued();
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(files(continuous)).hasSizeGreaterThan(6));
        jobs = files(folder).size();
      }
      assertThat(queue.depth().waiting()).isEqualTo(jobs);
    }

    List<byte[]> recorded =
        Stream.concat(files(folder).stream(), files(continuous).stream())
            .map(RecordedClip::read)
            .sorted(Comparator.comparing(clip -> clip.metadata().get("date")))
            .flatMap(clip -> clip.data().stream())
            .toList();
    assertThat(recorded).hasSizeGreaterThan(15 * 12);
    assertThat(IntStream.range(0, video.units().size()))
        .as("a beginning from which packet follows packet as in the camera")
        .anyMatch(first -> isPlayedFrom(first, video.units(), recorded));
  }

  private static boolean isPlayedFrom(int first, List<AccessUnit> units, List<byte[]> packets) {
    for (int i = 0; i < packets.size(); i++) {
      List<byte[]> nalUnits = units.get((first + i) % units.size()).nalUnits();
      byte[] last = nalUnits.get(nalUnits.size() - 1);
      byte[] packet = packets.get(i);
      int begin = packet.length - last.length;
      if (begin < 0 || !Arrays.equals(packet, begin, packet.length, last, 0, last.length)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void h265IsRecordedAsItCame() throws Exception {
    try (JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(queue, Map.of("RTSP_URL", Samples.file("hevc.mp4").toString()))) {
      service.start();

      Job job = events.queued();
      assertThat(job.filename()).matches("\\d{8}-\\d{6}\\.mkv");
      RecordedClip clip = RecordedClip.read(folder.resolve(job.filename()));
      assertThat(clip.codec()).isEqualTo("hevc");
      assertThat(clip.decoded()).isEqualTo(clip.data().size()).isPositive();
    }
  }

  @Test
  void aFileInTheInboxBecomesAClipAndAJobBesideACameraThatIsAway() throws Exception {
    Path phone = Files.createDirectories(folder.resolve("inbox/phone"));
    try (JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", "rtsp://127.0.0.1:1/none"))) {
      service.start();
      Files.copy(Samples.file("hevc.mp4"), phone.resolve("VID_20260223_144819.mp4"));

      Job job = events.queued();
      assertThat(job.filename()).isEqualTo("20260223-144819-phone.mkv");
      assertThat(job.camera()).isEqualTo("phone");
      assertThat(queue.take("test", Duration.ZERO).orElseThrow().job()).isEqualTo(job);
      assertThat(RecordedClip.read(folder.resolve(job.filename())).codec()).isEqualTo("hevc");
      assertThat(files(phone)).isEmpty();
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
          assertThat(events.published()).exists();
          assertThat(files(folder.resolve(".outbox"))).isNotEmpty();
        } finally {
          redis.start();
        }
        job = events.queued();
      }

      assertThat(queue.depth().waiting()).isEqualTo(files(folder).size());
      assertThat(queue.take("test", Duration.ZERO).orElseThrow().job()).isEqualTo(job);
    }
  }

  @Test
  void brokenStreamLeavesItsClipAndReconnects() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    try (CapturedLog log = new CapturedLog();
        RtspCamera camera = RtspCamera.serving(video).faults(new Fault.Disconnect(35)).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(queue, Map.of("RTSP_URL", camera.url(), "RECORD_SECONDS", "60"))) {
      service.start();

      Path clip = events.published();
      camera.clearFaults();
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(camera.totalConnections()).isGreaterThan(1));

      assertThat(RecordedClip.read(clip).seconds()).isBetween(1.2, 2.4);
      assertThat(log.lines())
          .anyMatch(
              line ->
                  line.startsWith("WARN camera Camera camera disconnected: ")
                      && line.endsWith("the camera closed the connection. Retrying in 1 s."));
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

        Job job = events.queued();
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
        pipes = blockOutbox();
        service.start();
        // The second clip begins while the publication of the first hangs.
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(clips(recording)).hasSizeGreaterThan(1));
        stopping = System.nanoTime();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - stopping)).isLessThan(Duration.ofSeconds(10));
      assertThat(clips(recording)).as("left for the next start").hasSizeGreaterThan(1);
    } finally {
      // Releases the thread, which must neither block on the next pipe nor find the folder half
      // deleted.
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

  /** Makes writing outbox entries block for clips of the next two minutes. */
  private List<Path> blockOutbox() throws Exception {
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).minusSeconds(5);
    List<String> command = new ArrayList<>(List.of("mkfifo"));
    for (int second = 0; second < 125; second++) {
      String name =
          DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(now.plusSeconds(second))
              + ".avi.json.tmp";
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
      assertThat(RecordedClip.read(events.published()).seconds()).isBetween(2.0, 4.0);
    }
  }

  @Test
  void reportsAnUnplayableFileAndEnds() throws Exception {
    try (CapturedLog log = new CapturedLog();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", "/no/such/file.avi"))) {
      service.start();

      assertThat(service.awaitEnd()).isFalse();
      assertThat(log.lines())
          .contains(
              "ERROR camera Cannot play the file /no/such/file.avi: there is no such file,"
                  + " or it is not readable");
    }
  }

  @Test
  void wrongPasswordIsRetriedAfterAMinute() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 1));
    try (CapturedLog log = new CapturedLog();
        RtspCamera camera = RtspCamera.serving(video).credentials("me", "right").start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(
                queue, Map.of("RTSP_URL", "rtsp://me:hush@127.0.0.1:" + camera.port() + "/live"))) {
      service.start();

      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(log.lines())
                      .filteredOn(line -> line.startsWith("WARN"))
                      .containsExactly(
                          "WARN camera Camera camera disconnected: rtsp://me:***@127.0.0.1:%d/live:"
                                  .formatted(camera.port())
                              + " wrong user or password (401). Retrying in 60 s."));
    }
  }

  private CaptureService service(JobQueue queue, Map<String, String> own) throws IOException {
    return TestService.open(folder, queue, own, events);
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
