package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.camera.Camera;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.capture.stream.StreamSettings.Transport;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;

/** Cameras with a frame every one to five seconds, and such that send single pictures. */
@Tag("camera")
class SlowCameraTest {
  private static TestRedis redis;

  @TempDir Path folder;
  private final ClipEvents events = new ClipEvents();

  @BeforeAll
  static void startRedis() {
    redis = TestRedis.started();
    Loader.load(opencv_imgproc.class); // takes seconds, in which no picture would be asked for
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @ParameterizedTest
  @CsvSource({"tcp, 0.2, 0", "tcp, 1, 0", "udp, 0.5, 0", "http, 0.2, 0", "tcp, 0.5, 5"})
  void framesComeAtTheirTimesWithoutADisconnection(String protocol, double fps, int firstAfter)
      throws Exception {
    Fault late = new Fault.Stall(0, Duration.ofSeconds(firstAfter));
    int frames = fps < 0.5 ? 3 : 4;
    try (Camera camera = start(protocol, fps, 3, late);
        CameraStream stream = open(camera.url(), protocol)) {
      List<Long> stamps = new ArrayList<>();
      List<Long> arrivals = new ArrayList<>();
      for (int i = 0; i < frames; i++) {
        try (Packet packet = stream.read()) {
          stamps.add(packet.dtsMicros());
          arrivals.add(packet.arrivalNanos() / 1000);
        }
      }
      int last = frames - 1;
      int overdue = (int) Math.min(last, firstAfter * fps); // until here, all come at once
      assertThat((stamps.get(last) - stamps.get(overdue)) / 1e6)
          .isEqualTo((last - overdue) / fps, within(0.6));
      if (overdue == 0) {
        assertThat((stamps.get(last) - stamps.get(1)) / 1e6)
            .as("arrivals")
            .isEqualTo((arrivals.get(last) - arrivals.get(1)) / 1e6, within(0.6));
      }
      assertThat(camera.totalConnections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"tcp, 0.2, 2", "tcp, 1, 4", "http, 0.5, 3"})
  void motionIsFoundAndItsClipHasTheRightTimeAndLength(String protocol, double fps, int still)
      throws Exception {
    OffsetDateTime begin = OffsetDateTime.now(ZoneOffset.UTC);
    try (CapturedLog log = new CapturedLog();
        Camera camera = start(protocol, fps, still);
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service = service(queue, Map.of("RTSP_URL", camera.url()))) {
      service.start();

      checkClip(RecordedClip.read(events.published()), begin, fps, still);
      assertThat(log.lines()).noneMatch(line -> line.contains("disconnected"));
      assertThat(camera.totalConnections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"0.25, 4", "1, 1"})
  void clipsAreRecordedOfSinglePictures(double interval, double fps) throws Exception {
    OffsetDateTime begin = OffsetDateTime.now(ZoneOffset.UTC);
    try (CapturedLog log = new CapturedLog();
        Camera camera = start("stills", fps, 5);
        JobQueue queue = new JobQueue(redis.settings());
        CaptureService service =
            service(
                queue,
                Map.of("RTSP_URL_GATE", camera.url(), "SNAPSHOT_INTERVAL_GATE", "" + interval))) {
      service.start();

      checkClip(RecordedClip.read(events.published()), begin, fps, 5);
      assertThat(log.lines()).noneMatch(line -> line.contains("disconnected"));
      assertThat(log.lines())
          .filteredOn(line -> line.contains("single pictures"))
          .containsExactly(
              "INFO gate Camera gate answers with single pictures; asking for one every %s s"
                      .formatted(("" + interval).replaceFirst("[.]0$", ""))
                  + " (SNAPSHOT_INTERVAL).");
      assertThat(camera.connections()).isLessThanOrEqualTo(1);
    }
  }

  private void checkClip(RecordedClip clip, OffsetDateTime begin, double fps, int still)
      throws Exception {
    Job job = events.queued();
    double since = Duration.between(begin, job.recordedAt()).toMillis() / 1e3;
    double between = (clip.data().size() - 1) / fps;
    assertThat(clip.decoded()).isEqualTo(clip.data().size()).isGreaterThanOrEqualTo(2);
    assertThat(clip.seconds()).isBetween(between - 0.5, between + 1 / fps + 0.5);
    assertThat(since).as("date").isBetween((still - 2) / fps - 0.3, still / fps + 4);
  }

  private Camera start(String protocol, double fps, int still, Fault... faults) throws IOException {
    if (protocol.equals("http") || protocol.equals("stills")) {
      JpegVideo drawn = new TestVideo("mjpeg", 320, 240, 1, still + 8, 1, 0, still).jpegs();
      MjpegCamera.Builder builder =
          MjpegCamera.serving(new JpegVideo(drawn.pictures(), fps)).faults(faults);
      return protocol.equals("stills") ? builder.stills().start() : builder.start();
    }
    EncodedVideo drawn =
        TestService.video(
            folder, new TestVideo("libopenh264", 320, 240, 1, still + 8, 1, 0, still));
    List<AccessUnit> units =
        drawn.units().stream()
            .map(
                unit ->
                    new AccessUnit(
                        unit.nalUnits(),
                        unit.keyframe(),
                        Math.round(unit.dtsMicros() / fps),
                        Math.round(unit.ptsMicros() / fps)))
            .toList();
    Duration length = Duration.ofNanos(Math.round(drawn.length().toNanos() / fps));
    return RtspCamera.serving(new EncodedVideo(320, 240, drawn.parameterSets(), units, length))
        .faults(faults)
        .start();
  }

  private static CameraStream open(String url, String protocol) throws Exception {
    Transport transport = protocol.equals("udp") ? Transport.UDP : Transport.AUTO;
    StreamSettings settings = new StreamSettings(transport, Duration.ofSeconds(10));
    return CameraStream.open(CameraUrl.parse(url), settings, new CountDownLatch(1));
  }

  private CaptureService service(JobQueue queue, Map<String, String> own) throws IOException {
    return TestService.open(folder, queue, own, events);
  }
}
