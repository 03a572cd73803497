package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.stream.StreamException.Kind;

/** Streams of an RTSP camera, sound and broken. */
@Tag("camera")
class RtspStreamTest {
  private static final StreamSettings SETTINGS =
      new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(2));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {10, 15, 25})
  void keepsTheCamerasTimestamps(int fps) throws Exception {
    try (RtspCamera camera = RtspCamera.serving(video(fps)).start()) {
      long start = System.nanoTime();
      try (CameraStream stream = open(camera.url())) {
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(stream.info().codec()).isEqualTo("h264");
        assertThat(stream.info().width()).isEqualTo(320);
        assertThat(stream.info().height()).isEqualTo(240);

        List<Long> stamps = stamps(stream, fps + 1);

        for (int i = 0; i <= fps; i++) {
          assertThat(stamps.get(i)).isCloseTo(i * 1_000_000L / fps, within(50L));
        }
        assertThat((System.nanoTime() - start) / 1e9).isEqualTo(1, within(0.5));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Authentication.Scheme.class)
  void logsInWithSpecialCharacters(Authentication.Scheme scheme) throws Exception {
    try (RtspCamera camera =
        RtspCamera.serving(video(25)).credentials("me", "p@ss:w/rd#?%&=+").scheme(scheme).start()) {
      open(camera.url()).close();

      String wrong = "rtsp://me:hush@127.0.0.1:" + camera.port() + "/live";
      assertThat(catchThrowableOfType(StreamException.class, () -> open(wrong).close()))
          .hasMessageNotContaining("hush")
          .extracting(StreamException::kind)
          .isEqualTo(Kind.UNAUTHORIZED);
    }
  }

  @Test
  void repairsTimestampsOfABrokenClock() throws Exception {
    List<Fault> faults =
        List.of(
            new Fault.JumpTimestamp(10, Duration.ofHours(-1)),
            new Fault.JumpTimestamp(20, Duration.ofHours(2)),
            new Fault.RepeatTimestamp(30, 3));
    try (RtspCamera camera =
            RtspCamera.serving(video(25)).faults(faults.toArray(Fault[]::new)).start();
        CameraStream stream = open(camera.url())) {
      List<Long> stamps = stamps(stream, 41);

      assertThat(stamps).isSorted().doesNotHaveDuplicates();
      assertThat(stamps.get(40) / 1e6).isEqualTo(40 / 25.0, within(0.2));
      for (int i = 1; i < stamps.size(); i++) {
        assertThat(stamps.get(i) - stamps.get(i - 1)).isLessThan(250_000);
      }
    }
  }

  @Test
  void waitsForAKeyframe() throws Exception {
    // The first one is lost, of the packets after it some come, and the next comes after a second.
    Fault loss = new Fault.DropPackets(0, 40);
    long start = System.nanoTime();
    try (RtspCamera camera = RtspCamera.serving(video(25)).faults(loss).start();
        CameraStream stream = open(camera.url());
        Packet first = stream.read()) {
      assertThat(first.keyframe()).isTrue();
      assertThat(first.dtsMicros()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));
    }
  }

  @Test
  void waitsForAKeyframeIfTheSdpLacksParameters() throws Exception {
    EncodedVideo video = video(new TestVideo("libopenh264", 320, 240, 25, 75, 75, 0, 0));
    byte[] broken = {0x67, 0x42, 0, 0x1e};
    List<byte[]> sets = List.of(broken, video.parameterSets().get(1));
    EncodedVideo undescribed =
        new EncodedVideo(video.width(), video.height(), sets, video.units(), video.length());
    try (RtspCamera camera =
            RtspCamera.serving(undescribed).faults(new Fault.DropPackets(0, 40)).start();
        CameraStream stream = open(camera.url());
        Packet first = stream.read()) {
      assertThat(stream.info().width()).isEqualTo(320);
      assertThat(first.keyframe()).isTrue();
      assertThat(camera.totalConnections()).isEqualTo(2);
    }
  }

  @Test
  void reportsAMissingKeyframe() throws Exception {
    StreamSettings hasty = new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(1));
    EncodedVideo video = video(new TestVideo("libopenh264", 320, 240, 50, 300, 300, 0, 0));
    try (RtspCamera camera =
            RtspCamera.serving(video).faults(new Fault.DropPackets(0, 40)).start();
        CameraStream stream =
            CameraStream.open(CameraUrl.parse(camera.url()), hasty, new CountDownLatch(1))) {
      assertThat(catchThrowableOfType(StreamException.class, () -> stream.read().close()))
          .hasMessageContaining("no keyframe within 3 s")
          .extracting(StreamException::kind)
          .isEqualTo(Kind.NO_KEYFRAME);
    }
  }

  @Test
  void readsUdpIfSelected() throws Exception {
    StreamSettings udp = new StreamSettings(StreamSettings.Transport.UDP, SETTINGS.timeout());
    try (RtspCamera camera = RtspCamera.serving(video(25)).start();
        CameraStream stream =
            CameraStream.open(CameraUrl.parse(camera.url()), udp, new CountDownLatch(1))) {
      assertThat(stamps(stream, 26).get(25)).isCloseTo(1_000_000L, within(50_000L));
    }
  }

  @Test
  void reportsHowAStreamEnds() throws Exception {
    assertThat(ending(new Fault.Disconnect(10))).isEqualTo(Kind.CLOSED);
    EncodedVideo larger = video(new TestVideo("libopenh264", 640, 480, 25, 25, 25, 0, 0));
    assertThat(ending(new Fault.SwitchVideo(10, larger))).isEqualTo(Kind.CHANGED);
  }

  @Test
  void stalledStreamTimesOut() throws Exception {
    long start = System.nanoTime();

    assertThat(ending(new Fault.Stall(10))).isEqualTo(Kind.STALLED);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(SETTINGS.timeout(), SETTINGS.timeout().plusMillis(1500));
  }

  @Test
  void survivesAShortStall() throws Exception {
    Fault jam = new Fault.Stall(5, Duration.ofSeconds(1));
    try (RtspCamera camera = RtspCamera.serving(video(25)).faults(jam).start();
        CameraStream stream = open(camera.url())) {
      List<Long> stamps = stamps(stream, 30);

      assertThat(stamps.get(29)).isCloseTo(29 * 40_000L, within(50L));
    }
  }

  private Kind ending(Fault fault) throws Exception {
    try (RtspCamera camera = RtspCamera.serving(video(25)).faults(fault).start();
        CameraStream stream = open(camera.url())) {
      StreamException end = catchThrowableOfType(StreamException.class, () -> stamps(stream, 100));
      assertThat(end).as("end after " + fault).isNotNull();
      return end.kind();
    }
  }

  private static List<Long> stamps(CameraStream stream, int count) throws StreamException {
    List<Long> stamps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      try (Packet packet = stream.read()) {
        stamps.add(packet.dtsMicros());
      }
    }
    return stamps;
  }

  private static CameraStream open(String url) throws StreamException {
    return CameraStream.open(CameraUrl.parse(url), SETTINGS, new CountDownLatch(1));
  }

  private EncodedVideo video(int fps) throws IOException {
    return video(TestVideo.of("libopenh264", fps, fps));
  }

  private EncodedVideo video(TestVideo video) throws IOException {
    return VideoFile.read(video.write(folder.resolve(video.width() + "x" + video.fps() + ".mp4")));
  }
}
