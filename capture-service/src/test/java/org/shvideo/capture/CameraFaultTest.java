package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;

/** Faults of cameras, and their effect on clips. */
@Tag("camera")
class CameraFaultTest {
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

  @Test
  void tenPercentDatagramLossKeepsClipLength() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 25, 1, 8));
    try (RtspCamera camera =
            RtspCamera.serving(video).faults(new Fault.PacketLoss(5, 10, 7)).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(
                queue,
                Map.of("RTSP_URL", camera.url(), "RTSP_TRANSPORT", "udp", "RECORD_SECONDS", "3"))) {
      service.start();

      RecordedClip clip = RecordedClip.read(events.published());
      assertThat(clip.seconds()).isBetween(3.0, 4.2);
      assertThat(clip.frameRate()).isEqualTo(25, within(0.5));
      assertThat(clip.data().size() / clip.seconds()).isBetween(20.0, 24.9);
      assertThat(clip.decoded()).isGreaterThan(clip.data().size() / 2);
      assertThat(camera.totalConnections()).isEqualTo(1);
    }
  }

  @Test
  void reconnectsForAKeyframeThatDoesNotCome() throws Exception {
    // One keyframe on each connection, and a megabyte in less than 10 s.
    EncodedVideo video =
        video(new TestVideo("libopenh264", 640, 480, 15, 15 * 20, 15 * 20, 0, 15 * 20));
    try (CapturedLog log = new CapturedLog();
        RtspCamera camera = RtspCamera.serving(video).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(queue, Map.of("RTSP_URL", camera.url(), "PRE_ROLL_MAX_MIB", "1"))) {
      service.start();

      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(camera.totalConnections()).isGreaterThan(1));

      assertThat(camera.connections()).isLessThan(2);
      assertThat(log.lines())
          .filteredOn(line -> line.startsWith("WARN"))
          .singleElement()
          .asString()
          .contains("sends keyframes too rarely", "Reconnecting to get one");
    }
  }

  @Test
  void resolutionChangeBeginsANewClip() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    EncodedVideo larger = video(new TestVideo("libopenh264", 640, 480, 15, 15 * 9, 15, 0, 15));
    try (CapturedLog log = new CapturedLog();
        RtspCamera camera =
            RtspCamera.serving(video).faults(new Fault.SwitchVideo(45, larger)).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(queue, Map.of("RTSP_URL", camera.url(), "RECORD_SECONDS", "60"))) {
      service.start();

      RecordedClip before = RecordedClip.read(events.published());
      assertThat(before.seconds()).isBetween(1.5, 3.1);
      assertThat(before.decoded()).isEqualTo(before.data().size());

      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(log.lines()).anyMatch(line -> line.contains("h264 640x480")));
      camera.inject(new Fault.Disconnect(60));
      RecordedClip after = RecordedClip.read(events.published());
      assertThat(after.decoded()).isEqualTo(after.data().size());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "503, busy (503 Service Unavailable)",
    "404, check the path",
    "453, too many viewers (453",
    "406, refused the request (406"
  })
  void errorResponsesAreLoggedAndRetriedWithBackoff(int status, String sentence) throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    try (CapturedLog log = new CapturedLog();
        RtspCamera camera =
            RtspCamera.serving(video).faults(new Fault.ErrorResponse(status)).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", camera.url()))) {
      long start = System.nanoTime();
      service.start();
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(log.lines())
                      .anyMatch(line -> line.startsWith("WARN camera") && line.contains(sentence)));
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(camera.totalConnections()).isGreaterThan(2));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(2));
      camera.clearFaults();

      assertThat(RecordedClip.read(events.published()).seconds()).isBetween(2.0, 3.1);
      assertThat(log.lines()).filteredOn(line -> line.startsWith("WARN")).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 453})
  void busyCameraIsTriedAgainWhenItWantsTo(int status) throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    try (CapturedLog log = new CapturedLog();
        RtspCamera camera =
            RtspCamera.serving(video)
                .credentials("me", "secret")
                .faults(new Fault.ErrorResponse(status, "4"))
                .start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", camera.url()))) {
      service.start();
      await().atMost(SOON).until(() -> camera.totalConnections() == 1);
      long start = System.nanoTime();
      await().atMost(SOON).until(() -> camera.totalConnections() == 2);

      assertThat((System.nanoTime() - start) / 1e9).isBetween(3.8, 7.0);
      assertThat(log.lines())
          .anyMatch(line -> line.contains("(" + status) && line.endsWith("Retrying in 4 s."));
    }
  }

  @Test
  void immediatelyClosedConnectionsAreRetriedWithBackoff() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    try (CapturedLog log = new CapturedLog();
        RtspCamera hasty = RtspCamera.serving(video).faults(new Fault.Disconnect(0)).start();
        RtspCamera camera = RtspCamera.serving(video).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(
                queue, Map.of("RTSP_URL_GATE", hasty.url(), "RTSP_URL_FRONT_DOOR", camera.url()))) {
      long start = System.nanoTime();
      service.start();

      assertThat(events.queued().camera()).isEqualTo("front-door");
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(hasty.totalConnections()).isGreaterThan(3));
      // A stream without description may be opened a second time at once, to wait for a keyframe.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(log.lines())
          .filteredOn(line -> line.startsWith("WARN gate"))
          .as("not logged at each attempt")
          .hasSizeLessThan(3);
    }
  }

  @Test
  void unresolvableHostDelaysNoOtherCamera() throws Exception {
    EncodedVideo video = video(TestVideo.motion("libopenh264", 15, 1, 8));
    try (CapturedLog log = new CapturedLog();
        RtspCamera camera = RtspCamera.serving(video).start();
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(
                queue,
                Map.of(
                    "RTSP_URL_GATE",
                    "rtsp://me:hush@no-such-camera.invalid/live",
                    "RTSP_URL_FRONT_DOOR",
                    camera.url()))) {
      service.start();

      Job job = events.queued();
      assertThat(job.camera()).isEqualTo("front-door");
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(log.lines())
                      .anyMatch(
                          line ->
                              line.startsWith("WARN gate Camera gate disconnected: ")
                                  && line.endsWith(
                                      "host name not found; check its spelling. Retrying in 1"
                                          + " s.")));
      assertThat(log.lines()).noneMatch(line -> line.contains("hush"));
    }
  }

  private CaptureService service(JobQueue queue, Map<String, String> own) throws IOException {
    return TestService.open(folder, queue, own, events);
  }

  private EncodedVideo video(TestVideo video) throws IOException {
    return TestService.video(folder, video);
  }
}
