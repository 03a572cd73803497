package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamSettings.Transport;

/** Cameras that offer one of RTSP's transports alone. */
@Tag("camera")
class RtspTransportTest {
  private static final String TCP = "RTP/AVP/TCP";

  @TempDir Path folder;

  /** The last figure is the number of connections, one after the other. */
  @ParameterizedTest
  @CsvSource({
    "RTP/AVP/TCP, 461, 1",
    "RTP/AVP/TCP, 400, 2",
    "RTP/AVP/TCP, 406, 2",
    "RTP/AVP/TCP, 451, 2",
    "RTP/AVP, 461, 1"
  })
  void takesTheTransportThatTheCameraOffers(String refused, int status, int connections)
      throws Exception {
    try (RtspCamera camera = serving().refuseTransport(refused, status).start();
        CameraStream stream = open(camera, Transport.AUTO)) {
      for (int i = 0; i < 10; i++) {
        stream.read().close();
      }
      assertThat(camera.totalConnections()).isEqualTo(connections);
      assertThat(camera.connections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Authentication.Scheme.class)
  void takesUdpAfterLoggingIn(Authentication.Scheme scheme) throws Exception {
    try (RtspCamera camera =
            serving().credentials("me", "secret").scheme(scheme).refuseTransport(TCP, 461).start();
        CameraStream stream = open(camera, Transport.AUTO)) {
      stream.read().close();
      assertThat(camera.totalConnections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"453, BUSY", "503, BUSY", "404, NOT_FOUND", "403, UNAUTHORIZED", "500, SERVER_ERROR"})
  void aRefusalForAnotherReasonCostsNoSecondConnection(int status, Kind kind) throws Exception {
    try (RtspCamera camera = serving().refuseTransport(TCP, status).start()) {
      assertThat(
              catchThrowableOfType(
                  StreamException.class, () -> open(camera, Transport.AUTO).close()))
          .hasMessageContaining("" + (status == 500 ? "internal error" : status))
          .extracting(StreamException::kind)
          .isEqualTo(kind);
      assertThat(camera.totalConnections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"RTP/AVP/TCP, TCP", "RTP/AVP, UDP"})
  void aTransportThatIsSetIsNotReplaced(String refused, Transport set) throws Exception {
    try (RtspCamera camera = serving().refuseTransport(refused, 461).start()) {
      assertThat(catchThrowableOfType(StreamException.class, () -> open(camera, set).close()))
          .hasMessageContaining("set RTSP_TRANSPORT=auto")
          .extracting(StreamException::kind)
          .isEqualTo(Kind.REJECTED);
    }
  }

  private RtspCamera.Builder serving() throws IOException {
    return RtspCamera.serving(
        VideoFile.read(TestVideo.of("libopenh264", 25, 25).write(folder.resolve("video.mp4"))));
  }

  private static CameraStream open(RtspCamera camera, Transport transport) throws StreamException {
    return CameraStream.open(
        CameraUrl.parse(camera.url()),
        new StreamSettings(transport, Duration.ofSeconds(2)),
        new CountDownLatch(1));
  }
}
