package org.shvideo.camera.mjpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.Fault;
import org.shvideo.camera.FfmpegClient;
import org.shvideo.camera.FfmpegClient.Received;
import org.shvideo.camera.media.JpegVideo;

@Tag("camera")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MjpegCameraTest {
  private static final Map<String, String> SHORT_TIMEOUT = Map.of("rw_timeout", "300000");

  private static JpegVideo video;

  @BeforeAll
  static void draw() throws IOException {
    List<byte[]> pictures = new ArrayList<>();
    for (int n = 0; n < 7; n++) {
      BufferedImage image = new BufferedImage(160, 120, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = image.createGraphics();
      graphics.setColor(Color.ORANGE);
      graphics.fillRect(n * 20, 10, 30, 50);
      graphics.dispose();
      ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
      ImageIO.write(image, "jpg", jpeg);
      pictures.add(jpeg.toByteArray());
    }
    video = new JpegVideo(pictures, 50);
  }

  private static MjpegCamera camera(Fault... faults) throws IOException {
    return MjpegCamera.serving(video).faults(faults).start();
  }

  @Test
  void sendsEveryPictureUnchanged() throws Exception {
    try (MjpegCamera camera = camera();
        FfmpegClient client = new FfmpegClient(camera.url())) {
      assertThat(client.width()).isEqualTo(160);
      assertThat(client.height()).isEqualTo(120);

      assertSent(client.read(30), 0, 30);
    }
  }

  @Test
  void sendsInRealTime() throws Exception {
    try (MjpegCamera camera = camera()) {
      long begin = System.nanoTime();
      try (FfmpegClient client = new FfmpegClient(camera.url())) {
        client.read(51);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isBetween(Duration.ofMillis(950), Duration.ofMillis(2000));
    }
  }

  @Test
  void servesSeveralClients() throws Exception {
    try (MjpegCamera camera = camera()) {
      try (FfmpegClient one = new FfmpegClient(camera.url());
          FfmpegClient two = new FfmpegClient(camera.url())) {
        assertThat(camera.playing()).isEqualTo(2);
        assertSent(one.read(10), 0, 10);
        assertSent(two.read(10), 0, 10);
      }
      await("both clients disconnected").until(() -> camera.connections() == 0);
      assertThat(camera.totalConnections()).isEqualTo(2);
      assertThat(camera.playing()).isZero();
    }
  }

  @Test
  void answersWithTheSinglePictureThatIsDue() throws Exception {
    try (MjpegCamera camera = MjpegCamera.serving(video).stills().start()) {
      List<byte[]> seen = new ArrayList<>();
      await("another picture")
          .until(
              () -> {
                HttpResponse<byte[]> response =
                    HttpClient.newHttpClient()
                        .send(
                            HttpRequest.newBuilder(URI.create(camera.address())).build(),
                            HttpResponse.BodyHandlers.ofByteArray());
                assertThat(response.headers().firstValue("Content-Type")).hasValue("image/jpeg");
                assertThat(video.pictures()).contains(response.body());
                seen.add(response.body());
                return !Arrays.equals(seen.get(0), response.body());
              });
    }
  }

  @Test
  void servesAPageWithTheStream() throws Exception {
    try (MjpegCamera camera = camera()) {
      HttpResponse<String> page = get(camera.address() + "test");

      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html");
      assertThat(page.body()).contains("<img src=\"/video\">");
      assertThat(get(camera.address() + "/other").statusCode()).isEqualTo(404);
    }
  }

  private static HttpResponse<String> get(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @EnumSource
  void requiresCredentials(Authentication.Scheme scheme) throws Exception {
    try (MjpegCamera camera =
        MjpegCamera.serving(video).credentials("admin", "p@ss").scheme(scheme).start()) {
      try (FfmpegClient client = new FfmpegClient(camera.url())) {
        assertThat(client.read(2)).hasSize(2);
      }
      assertThatThrownBy(() -> new FfmpegClient(camera.address())).hasMessageContaining("401");
      assertThatThrownBy(() -> new FfmpegClient(camera.address().replace("//", "//admin:wrong@")))
          .hasMessageContaining("401");
      assertThat(get(camera.address() + "test").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void refusesConnectionsUntilFaultsAreCleared() throws Exception {
    try (MjpegCamera camera = camera(new Fault.RefuseConnections())) {
      assertThatThrownBy(() -> get(camera.address())).isInstanceOf(ConnectException.class);

      camera.clearFaults();

      new FfmpegClient(camera.url()).close();
    }
  }

  @ParameterizedTest
  @CsvSource({"401, 401", "404, 404", "503, 5XX"})
  void respondsWithTheInjectedStatus(int status, String message) throws Exception {
    try (MjpegCamera camera = camera(new Fault.ErrorResponse(status))) {
      assertThatThrownBy(() -> new FfmpegClient(camera.url())).hasMessageContaining(message);
    }
  }

  @Test
  void acceptsConnectionsWithoutRespondingUntilTheClientLeaves() throws Exception {
    try (MjpegCamera camera = camera(new Fault.NoResponse())) {
      try (Socket client = new Socket(InetAddress.getLoopbackAddress(), camera.port())) {
        client.setSoTimeout(200);
        client
            .getOutputStream()
            .write("GET /video HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketTimeoutException.class);
        assertThat(camera.connections()).isEqualTo(1);
      }
      await("client disconnected").until(() -> camera.connections() == 0);
    }
  }

  @Test
  void delaysResponses() throws Exception {
    try (MjpegCamera camera = camera(new Fault.DelayResponses(Duration.ofMillis(200)))) {
      long begin = System.nanoTime();
      get(camera.address() + "test");
      assertThat(System.nanoTime() - begin).isGreaterThan(200_000_000L);
    }
  }

  @Test
  void stallsWithoutDisconnecting() throws Exception {
    try (MjpegCamera camera = camera(new Fault.Stall(10));
        FfmpegClient client = new FfmpegClient(camera.url(), SHORT_TIMEOUT)) {
      // FFmpeg returns a picture when it has received the boundary of the next one.
      assertThat(client.read(50)).hasSizeBetween(9, 10);
      assertThat(camera.connections()).isEqualTo(1);
    }
  }

  @Test
  void continuesAfterAStall() throws Exception {
    try (MjpegCamera camera = camera(new Fault.Stall(10, Duration.ofMillis(300)));
        FfmpegClient client = new FfmpegClient(camera.url())) {
      List<Received> received = client.read(40);

      assertSent(received, 0, 40);
      long gap = received.get(11).arrivalNanos() - received.get(8).arrivalNanos();
      assertThat(Duration.ofNanos(gap)).isGreaterThan(Duration.ofMillis(250));
    }
  }

  @Test
  void disconnects() throws Exception {
    try (MjpegCamera camera = camera(new Fault.Disconnect(10));
        FfmpegClient client = new FfmpegClient(camera.url())) {
      assertThat(client.read(50)).hasSizeBetween(9, 10);
      await("client disconnected").until(() -> camera.connections() == 0);
    }
  }

  @Test
  void dropsPictures() throws Exception {
    try (MjpegCamera camera = camera(new Fault.DropPackets(5, 3));
        FfmpegClient client = new FfmpegClient(camera.url())) {
      List<Received> received = client.read(20);

      assertSent(received.subList(0, 5), 0, 5);
      assertSent(received.subList(5, 20), 8, 15);
    }
  }

  @Test
  void sendsGarbage() throws Exception {
    try (MjpegCamera camera = camera(new Fault.Garbage(0, 5000));
        Socket client = new Socket(InetAddress.getLoopbackAddress(), camera.port())) {
      client
          .getOutputStream()
          .write("GET /video HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String received =
          new String(client.getInputStream().readNBytes(6000), StandardCharsets.ISO_8859_1);
      int begin = received.indexOf("\r\n\r\n") + 4;

      assertThat(received.indexOf("--picture", begin)).isEqualTo(begin + 5000);
    }
  }

  @Test
  void rejectsFaultsOfRtsp() throws Exception {
    Fault jump = new Fault.JumpTimestamp(0, Duration.ofSeconds(1));

    assertThatThrownBy(() -> camera(jump))
        .hasMessage("An MJPEG camera cannot have the fault JumpTimestamp");
    try (MjpegCamera camera = camera()) {
      assertThatThrownBy(() -> camera.inject(jump)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void closeEndsStreams() throws Exception {
    MjpegCamera camera = camera(new Fault.Stall(20));
    FfmpegClient client = new FfmpegClient(camera.url());

    camera.close();

    assertThat(camera.connections()).isZero();
    assertThat(client.read(100).size()).isLessThanOrEqualTo(20);
    client.close();
  }

  private static void assertSent(List<Received> received, int from, int count) {
    assertThat(received).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(received.get(i).data())
          .as("picture %d", i)
          .isEqualTo(ByteBuffer.wrap(video.pictures().get((from + i) % 7)));
    }
  }
}
