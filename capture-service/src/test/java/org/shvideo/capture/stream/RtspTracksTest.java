package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.stream.StreamException.Kind;

/** Cameras that offer tracks which they refuse, and such whose JPEGs are too large for RTP. */
@Tag("camera")
class RtspTracksTest {
  private static final StreamSettings SETTINGS =
      new StreamSettings(StreamSettings.Transport.AUTO, Duration.ofSeconds(4));

  private static final String SECOND_VIDEO =
      "m=video 0 RTP/AVP 96|a=rtpmap:96 H264/90000|a=control:track2";
  private static final String AUDIO = "m=audio 0 RTP/AVP 0|a=control:track2";
  private static final String METADATA =
      "m=application 0 RTP/AVP 107|a=rtpmap:107 vnd.onvif.metadata/90000|a=control:track2";

  @ParameterizedTest
  @CsvSource({
    "404 Not Found, " + SECOND_VIDEO,
    "461 Unsupported Transport, " + SECOND_VIDEO,
    "400 Bad Request, " + SECOND_VIDEO,
    "453 Not Enough Bandwidth, " + SECOND_VIDEO,
    "404 Not Found, " + AUDIO,
    "461 Unsupported Transport, " + AUDIO,
    "404 Not Found, " + METADATA,
    "500 Internal Server Error, " + METADATA
  })
  void theFirstVideoGoesOnWithoutATrackThatIsRefused(String refusal, String track)
      throws Exception {
    byte[] jpeg = RtpJpegCamera.draw(640, 480);
    List<String> more = List.of(track.split("[|]", -1));
    try (RtpJpegCamera camera =
            new RtpJpegCamera(
                jpeg, new int[] {80, 60}, List.of(), more, Map.of("track2", refusal));
        CameraStream stream = open(camera)) {
      for (int i = 0; i < 5; i++) {
        stream.read().close();
      }
      assertThat(stream.info().width()).isEqualTo(640);
      assertThat(camera.connections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2560, 1440, 0, 0, a=x-dimensions:2560|1440",
    "2560, 1440, 0, 180, a=x-dimensions: 2560| 1440",
    "2560, 1440, 64, 180, a=framesize:26 2560-1440",
    "2592, 1944, 0, 0, a=framesize:26 2592x1944",
    "3840, 2160, 224, 14, a=x-dimensions:3840|2160",
    "1280, 720, 0, 0, a=x-dimensions:1280|720",
    "1280, 720, 160, 90, a=x-dimensions:1280|720",
    "1280, 720, 160, 90, a=x-dimensions:1920|1080",
    "1280, 720, 160, 90, a=sendonly"
  })
  void jpegsOfAnySizeThatIsToldAreRead(
      int width, int height, int sentWidth, int sentHeight, String attribute) throws Exception {
    byte[] jpeg = RtpJpegCamera.draw(width, height);
    BufferedImage drawn = ImageIO.read(new ByteArrayInputStream(jpeg));
    try (RtpJpegCamera camera =
            new RtpJpegCamera(
                jpeg,
                new int[] {sentWidth, sentHeight},
                List.of(attribute.replace('|', ',')),
                List.of(),
                Map.of());
        CameraStream stream = open(camera)) {
      assertThat(stream.info().width()).isEqualTo(width);
      assertThat(stream.info().height()).isEqualTo(height);
      for (int i = 0; i < 3; i++) {
        try (Packet packet = stream.read()) {
          byte[] bytes = new byte[packet.data().size()];
          packet.data().data().get(bytes);
          BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes));
          assertThat(image.getWidth()).isEqualTo(width);
          assertThat(image.getHeight()).isEqualTo(height);
          assertThat(image.getRGB(width * 3 / 4, height / 2))
              .isEqualTo(drawn.getRGB(width * 3 / 4, height / 2));
        }
      }
      assertThat(camera.connections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=sendonly", "a=x-dimensions:0,0", "a=framesize:26 big"})
  void aSizeThatIsNotToldIsReported(String attribute) throws Exception {
    byte[] jpeg = RtpJpegCamera.draw(2560, 1440);
    try (RtpJpegCamera camera =
        new RtpJpegCamera(jpeg, new int[] {0, 0}, List.of(attribute), List.of(), Map.of())) {
      assertThat(catchThrowableOfType(StreamException.class, () -> open(camera).close()))
          .hasMessageContaining("beyond 2040 pixels; select H.264 or a smaller picture")
          .extracting(StreamException::kind)
          .isEqualTo(Kind.UNSUPPORTED_CODEC);
      assertThat(camera.connections()).isEqualTo(1);
    }
  }

  private static CameraStream open(RtpJpegCamera camera) throws StreamException {
    return CameraStream.open(CameraUrl.parse(camera.url()), SETTINGS, new CountDownLatch(1));
  }
}
