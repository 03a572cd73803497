package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.Camera;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.NalUnits;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.monitoring.MonitoringClient;
import org.shvideo.tasks.monitoring.MonitoringSettings;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;

/** Motion in one stream of a camera, and clips of the other. */
@Tag("camera")
@Tag("server")
class SubStreamTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int FPS = 15;
  private static final String AGAIN =
      "INFO camera Camera camera: detecting motion in the sub-stream";
  private static final String INSTEAD =
      "WARN camera Camera camera: detecting motion in the main stream, because the sub-stream"
          + " cannot be had: ";

  /** Nothing moves in it. */
  private static EncodedVideo still;

  /** Half a minute, of which something moves from the fourth second on. */
  private static EncodedVideo small;

  private static TestRedis redis;

  @TempDir Path folder;
  private final ClipEvents events = new ClipEvents();

  @BeforeAll
  static void start(@TempDir Path temporary) throws IOException {
    redis = TestRedis.started();
    still =
        TestService.video(
            temporary, new TestVideo("libopenh264", 640, 480, FPS, FPS * 30, FPS, 0, FPS * 30));
    small =
        TestService.video(
            temporary, new TestVideo("libopenh264", 320, 180, FPS, FPS * 30, FPS, 0, FPS * 4));
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  /** The block is 6 % of both pictures: 3600 px² of the small one, of another shape too. */
  @Test
  void motionInTheSmallStreamRecordsTheMainOneAsItCame() throws Exception {
    try (RtspCamera main = RtspCamera.serving(still).start();
        RtspCamera sub = RtspCamera.serving(small).credentials("me", "hush").path("/sub").start();
        CapturedLog log = new CapturedLog();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, main, sub, "12000")) {
      service.start();

      RecordedClip clip = RecordedClip.read(events.published());

      int first = indexOf(still, clip.data().get(0));
      assertThat(first % FPS).as("a keyframe").isZero();
      assertThat(first / FPS).as("seconds, with pre-roll and a GOP before 4").isBetween(2, 6);
      for (int i = 0; i < clip.data().size(); i++) {
        assertThat(slices(NalUnits.split(clip.data().get(i))))
            .isEqualTo(slices(still.units().get((first + i) % still.units().size()).nalUnits()));
      }
      assertThat(clip.decoded()).isEqualTo(clip.data().size());
      assertThat(log.lines())
          .anyMatch(line -> line.contains("(sub-stream) connected") && line.contains("320x180"))
          .noneMatch(line -> line.contains("hush"));
    }
  }

  @Test
  void areasThatAreTooSmallInTheMainPictureAreNoMotionInTheSmallOne() throws Exception {
    try (RtspCamera main = RtspCamera.serving(still).start();
        RtspCamera sub = RtspCamera.serving(small).start();
        Monitoring monitoring = monitoring();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, main, sub, "30000")) {
      watch(service, monitoring);
      service.start();

      await().atMost(SOON).until(() -> sub.unitsSent() > FPS * 9);

      assertThat(metric(monitoring, "motion_events_total")).isZero();
      assertThat(metric(monitoring, "sub_stream")).isEqualTo(1);
    }
  }

  @Test
  void theMainStreamIsDecodedWhileTheSmallOneIsAway() throws Exception {
    // In the main stream something moves all the time, which the small one does not show.
    EncodedVideo busy = TestService.video(folder, TestVideo.motion("libopenh264", FPS, 0, 30));
    try (RtspCamera main = RtspCamera.serving(busy).start();
        RtspCamera sub = RtspCamera.serving(still).credentials("me", "hush").start();
        CapturedLog log = new CapturedLog();
        Monitoring monitoring = monitoring();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, main, sub, "1000")) {
      watch(service, monitoring);
      service.start();
      await().atMost(SOON).until(() -> sub.unitsSent() > FPS * 3);
      assertThat(metric(monitoring, "motion_events_total")).isZero();
      assertThat(metric(monitoring, "sub_stream")).isEqualTo(1);

      sub.inject(new Fault.RefuseConnections());
      sub.inject(new Fault.Disconnect(0));

      assertThat(RecordedClip.read(events.published()).data()).isNotEmpty();
      assertThat(metric(monitoring, "sub_stream")).isZero();
      assertThat(metric(monitoring, "sub_stream_failures_total")).isPositive();
      assertThat(MonitoringClient.health(monitoring.port()).check("camera camera"))
          .startsWith("degraded: connected, but motion is detected in the main stream")
          .contains("rtsp://me:***@127.0.0.1:" + sub.port())
          .doesNotContain("hush");
      assertThat(log.lines()).anyMatch(line -> line.startsWith(INSTEAD));

      sub.clearFaults();

      soon(() -> assertThat(log.lines()).anyMatch(line -> line.startsWith(AGAIN)));
      soon(
          () ->
              assertThat(MonitoringClient.health(monitoring.port()).check("camera camera"))
                  .startsWith("ok: connected"));
      assertThat(metric(monitoring, "sub_stream")).isEqualTo(1);
      assertThat(main.totalConnections()).as("the main stream was not disturbed").isEqualTo(1);
      assertThat(log.lines()).noneMatch(line -> line.contains("hush"));
    }
  }

  @Test
  void aSmallStreamThatFallsSilentIsNotWaitedForUntilItsTimeout() throws Exception {
    EncodedVideo busy = TestService.video(folder, TestVideo.motion("libopenh264", FPS, 0, 30));
    try (RtspCamera main = RtspCamera.serving(busy).start();
        RtspCamera sub = RtspCamera.serving(still).start();
        CapturedLog log = new CapturedLog();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(queue, main, sub, "1000", Map.of("CAMERA_TIMEOUT", "300"))) {
      service.start();
      await().atMost(SOON).until(() -> sub.unitsSent() > FPS);

      sub.inject(new Fault.Stall(0, Duration.ofMinutes(5)));

      assertThat(RecordedClip.read(events.published()).data()).isNotEmpty();
      assertThat(log.lines()).contains(INSTEAD + "it sends no video");
    }
  }

  @Test
  void aFileAsSmallStreamThatIsMissingIsToldOnceAndTheMainStreamDecoded() throws Exception {
    EncodedVideo busy = TestService.video(folder, TestVideo.motion("libopenh264", FPS, 0, 30));
    try (RtspCamera main = RtspCamera.serving(busy).start();
        CapturedLog log = new CapturedLog();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            TestService.open(
                folder,
                queue,
                Map.of("RTSP_URL", main.url(), "DETECT_URL", "/no/such/file.mp4"),
                events)) {
      service.start();

      assertThat(RecordedClip.read(events.published()).data()).isNotEmpty();
      assertThat(log.lines())
          .filteredOn(line -> line.startsWith("ERROR"))
          .singleElement()
          .asString()
          .contains("Cannot play the file /no/such/file.mp4");
    }
  }

  @Test
  void theMainStreamReconnectsAsEver() throws Exception {
    EncodedVideo moving = TestService.video(folder, TestVideo.motion("libopenh264", FPS, 1, 29));
    try (RtspCamera main = RtspCamera.serving(still).faults(new Fault.Disconnect(FPS * 6)).start();
        RtspCamera sub = RtspCamera.serving(moving).start();
        CapturedLog log = new CapturedLog();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(queue, main, sub, "1000", Map.of("RECORD_SECONDS", "60"))) {
      service.start();

      RecordedClip cutOff = RecordedClip.read(events.published());
      RecordedClip next = RecordedClip.read(events.published());

      assertThat(indexOf(still, cutOff.data().get(0)) % FPS).isZero();
      assertThat(indexOf(still, next.data().get(0)) % FPS).isZero();
      assertThat(sub.connections()).as("one at a time").isLessThan(2);
      assertThat(log.lines())
          .anyMatch(line -> line.startsWith("WARN camera Camera camera disconnected: "))
          .noneMatch(line -> line.startsWith(INSTEAD));
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .as("threads of cameras that have ended")
        .noneMatch(thread -> thread.getName().startsWith(CameraLoop.THREAD));
  }

  @Test
  void jpegsOverHttpShowTheMotionOfAnH264Camera() throws Exception {
    try (RtspCamera main = RtspCamera.serving(still).start();
        MjpegCamera sub =
            MjpegCamera.serving(TestVideo.motion("mjpeg", 10, 2, 10).jpegs()).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, main, sub, "1000")) {
      service.start();

      RecordedClip clip = RecordedClip.read(events.published());

      assertThat(clip.codec()).isEqualTo("h264");
      assertThat(indexOf(still, clip.data().get(0)) % FPS).isZero();
      assertThat(clip.seconds()).isBetween(2.0, 4.2);
    }
  }

  private CaptureService service(JobQueue queue, Camera main, Camera sub, String area)
      throws IOException {
    return service(queue, main, sub, area, Map.of());
  }

  private CaptureService service(
      JobQueue queue, Camera main, Camera sub, String area, Map<String, String> own)
      throws IOException {
    Map<String, String> settings = new HashMap<>(own);
    settings.put("RTSP_URL", main.url());
    settings.put("DETECT_URL", sub.url());
    settings.put("MOTION_MIN_AREA", area);
    return TestService.open(folder, queue, settings, events);
  }

  private static Monitoring monitoring() {
    return new Monitoring(new MonitoringSettings("127.0.0.1", OptionalInt.of(0)));
  }

  private static void watch(CaptureService service, Monitoring monitoring) throws IOException {
    service.addTo(monitoring);
    monitoring.start();
  }

  private static double metric(Monitoring monitoring, String name) throws IOException {
    return MonitoringClient.metrics(monitoring.port())
        .value("shvideo_camera_" + name, "camera", "camera");
  }

  private static void soon(ThrowingRunnable assertion) {
    await().atMost(SOON).untilAsserted(assertion);
  }

  /** Which packet of a video it is. */
  private static int indexOf(EncodedVideo video, byte[] packet) {
    List<String> wanted = slices(NalUnits.split(packet));
    for (int i = 0; i < video.units().size(); i++) {
      if (slices(video.units().get(i).nalUnits()).equals(wanted)) {
        return i;
      }
    }
    throw new AssertionError("not of this video");
  }

  /** The picture of an H.264 packet, without the parameter sets, which are repeated at will. */
  private static List<String> slices(List<byte[]> nalUnits) {
    return nalUnits.stream()
        .filter(nal -> (nal[0] & 31) <= 5)
        .map(HexFormat.of()::formatHex)
        .toList();
  }
}
