package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.capture.stream.StreamException.Kind;

/** Cameras that send one JPEG after the other, as the prototype's did. */
@Tag("camera")
class HttpMjpegTest {
  private static final StreamSettings SETTINGS =
      new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(2));

  private static JpegVideo video;
  private static JpegVideo larger;

  @BeforeAll
  static void drawPictures() {
    video = new TestVideo("mjpeg", 320, 240, 50, 8, 1, 0, 0).jpegs();
    larger = new TestVideo("mjpeg", 640, 480, 50, 8, 1, 0, 0).jpegs();
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 30})
  void timesFramesByArrival(int fps) throws Exception {
    List<Long> stamps = new ArrayList<>();
    try (MjpegCamera camera = MjpegCamera.serving(new JpegVideo(video.pictures(), fps)).start();
        CameraStream stream = open(camera.url())) {
      assertThat(stream.info().codec()).isEqualTo("mjpeg");
      assertThat(stream.info().width()).isEqualTo(320);
      assertThat(stream.info().frameRate()).as("what nobody knows").isZero();
      for (int i = 0; i <= fps; i++) {
        try (Packet packet = stream.read()) {
          assertThat(packet.keyframe()).isTrue();
          assertThat(packet.ptsMicros()).isEqualTo(packet.dtsMicros());
          stamps.add(packet.dtsMicros());
        }
      }
    }

    assertThat(stamps.get(0)).isZero();
    assertThat(stamps.get(fps) / 1e6).isBetween(0.8, 1.3);
  }

  @ParameterizedTest
  @EnumSource(Authentication.Scheme.class)
  void logsInWithSpecialCharacters(Authentication.Scheme scheme) throws Exception {
    try (MjpegCamera camera =
        MjpegCamera.serving(video).credentials("me", "p@ss:w/rd#?%&=+").scheme(scheme).start()) {
      open(camera.url()).close();

      String wrong = "http://me:hush@127.0.0.1:" + camera.port() + "/video";
      assertThat(catchThrowableOfType(StreamException.class, () -> open(wrong).close()))
          .hasMessageNotContaining("hush")
          .extracting(StreamException::kind)
          .isEqualTo(Kind.UNAUTHORIZED);
    }
  }

  @Test
  void reportsAClosedConnection() throws Exception {
    assertThat(ending(MjpegCamera.serving(video).faults(new Fault.Disconnect(5))))
        .isEqualTo(Kind.CLOSED);
  }

  @Test
  void reportsAStalledStream() throws Exception {
    long start = System.nanoTime();

    assertThat(ending(MjpegCamera.serving(video).faults(new Fault.Stall(5))))
        .isEqualTo(Kind.STALLED);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void reportsAChangedResolution() throws Exception {
    List<byte[]> pictures = new ArrayList<>(video.pictures());
    pictures.addAll(larger.pictures());

    assertThat(ending(MjpegCamera.serving(new JpegVideo(pictures, 50)))).isEqualTo(Kind.CHANGED);
  }

  private static Kind ending(MjpegCamera.Builder builder) throws Exception {
    try (MjpegCamera camera = builder.start();
        CameraStream stream = open(camera.url())) {
      StreamException end =
          catchThrowableOfType(
              StreamException.class,
              () -> {
                for (int i = 0; i < 1000; i++) {
                  stream.read().close();
                }
              });
      return end.kind();
    }
  }

  private static CameraStream open(String url) throws StreamException {
    return CameraStream.open(CameraUrl.parse(url), SETTINGS, new CountDownLatch(1));
  }
}
