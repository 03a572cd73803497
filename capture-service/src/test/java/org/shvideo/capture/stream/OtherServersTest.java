package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamSettings.Transport;

/** A camera may not have us ask, or send anything to, anybody else. */
@Tag("camera")
class OtherServersTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  /** For cameras that send nothing after they were asked. */
  private static final Duration SHORT = Duration.ofSeconds(3);

  private static final String DESCRIPTION =
      """
      v=0
      o=- 0 0 IN IP4 127.0.0.1
      s=x
      t=0 0
      a=control:CONTROL
      m=video 0 RTP/AVP 96
      a=rtpmap:96 H264/90000
      a=control:CONTROL
      """
          .replace("\n", "\r\n");

  @ParameterizedTest
  @CsvSource({
    "http, 301, http://127.0.0.1:PORT/live",
    "http, 302, http://localhost:PORT/live",
    "http, 303, //127.0.0.1:PORT/live",
    "http, 307, https://127.0.0.1:PORT/live",
    "http, 308, tcp://127.0.0.1:PORT",
    "http, 302, file:///etc/passwd",
    "rtsp, 301, rtsp://127.0.0.1:PORT/live",
    "rtsp, 302, rtsp://localhost:PORT/live",
    "rtsp, 302, rtsps://127.0.0.1:PORT/live",
    "rtsp, 302, http://127.0.0.1:PORT/live"
  })
  void aRedirectionToAnotherServerIsNotFollowed(String scheme, int status, String location)
      throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedServer other = counting(asked);
        ScriptedServer camera =
            redirecting(scheme, status, location.replace("PORT", port(other)))) {
      StreamException failure = failure(camera.url(scheme, "me:hush", "/live"));

      assertThat(failure.kind()).isEqualTo(Kind.REDIRECTED);
      assertThat(failure)
          .hasMessageContaining("sends us to another address")
          .hasMessageNotContaining("hush");
      assertThat(other.connections()).isZero();
      assertThat(asked).hasValue(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/here", "here", "http://127.0.0.1:PORT/here"})
  void aRedirectionOnTheSameServerIsFollowed(String location) throws Exception {
    byte[] picture = new TestVideo("mjpeg", 320, 240, 50, 1, 1, 0, 0).jpegs().pictures().get(0);
    String[] port = new String[1];
    ScriptedServer.Answer answer =
        (request, out) -> {
          boolean moved = request.get(0).startsWith("GET /here ");
          ScriptedServer.send(
              out,
              moved ? "HTTP/1.1 200 OK" : "HTTP/1.1 302 Found",
              "Location: " + location.replace("PORT", port[0]),
              "Content-Length: " + (moved ? picture.length : 0));
          out.write(moved ? picture : new byte[0]);
          return true;
        };
    try (ScriptedServer camera = new ScriptedServer(answer)) {
      port[0] = port(camera);
      try (CameraStream stream = open(camera.url("http", "me:hush", "/live"), LONG)) {
        stream.read().close();
        assertThat(stream.info().width()).isEqualTo(320);
      }
    }
  }

  @Test
  void aRedirectionWithoutEndEnds() throws Exception {
    try (ScriptedServer camera = redirecting("http", 302, "/live")) {
      assertThat(failure(camera.url("http", "/live")).kind()).isEqualTo(Kind.REDIRECTED);
      assertThat(camera.connections()).isLessThan(10);
    }
  }

  /** Such a track is asked for on the connection to the camera. */
  @Test
  void aTrackOfAnotherServerIsNotAskedForThere() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedServer other = counting(asked);
        ScriptedServer camera =
            describing(other.url("rtsp", "/track"), "RTP/AVP/TCP;unicast;interleaved=0-1", true)) {
      assertThat(failure(camera.url("rtsp", "me:hush", "/live"), SHORT)).isNotNull();
      assertThat(other.connections()).isZero();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX) // where every address of 127.0.0.0/8 is this machine
  void nothingIsSentToAnotherHostThatIsToSendTheDatagrams() throws Exception {
    try (DatagramSocket other = new DatagramSocket(new InetSocketAddress("127.0.0.2", 0));
        ScriptedServer camera =
            describing(
                "track",
                "RTP/AVP/UDP;unicast;source=127.0.0.2;server_port=%1$d-%1$d"
                    .formatted(other.getLocalPort()),
                false)) {
      StreamException failure = failure(camera.url("rtsp", "me:hush", "/live"));

      assertThat(failure.kind()).isEqualTo(Kind.REDIRECTED);
      assertThat(failure).hasMessageContaining("names another host (127.0.0.2) for its datagrams");
      other.setSoTimeout(200);
      assertThat(
              catchThrowableOfType(
                  SocketTimeoutException.class,
                  () -> other.receive(new DatagramPacket(new byte[100], 100))))
          .isNotNull();
    }
  }

  @Test
  void aCameraMayNameItselfAsTheSourceOfItsDatagrams() throws Exception {
    try (DatagramSocket own = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        ScriptedServer camera =
            describing(
                "track",
                "RTP/AVP/UDP;unicast;source=127.0.0.1;server_port=%1$d-%1$d"
                    .formatted(own.getLocalPort()),
                false)) {
      assertThat(failure(camera.url("rtsp", "/live"), SHORT).kind()).isNotEqualTo(Kind.REDIRECTED);
      own.setSoTimeout(5000);
      own.receive(new DatagramPacket(new byte[100], 100));
    }
  }

  private static ScriptedServer counting(AtomicInteger asked) {
    return new ScriptedServer(
        (request, out) -> {
          asked.incrementAndGet();
          return false;
        });
  }

  private static ScriptedServer redirecting(String scheme, int status, String location) {
    String version = scheme.equals("http") ? "HTTP/1.1 " : "RTSP/1.0 ";
    return new ScriptedServer(
        (request, out) -> {
          ScriptedServer.send(
              out,
              version + status + " Moved",
              ScriptedServer.sequence(request),
              "Location: " + location,
              "Content-Length: 0");
          return true;
        });
  }

  /** Sends no media. */
  private static ScriptedServer describing(String control, String transport, boolean tcp) {
    String description = DESCRIPTION.replace("CONTROL", control);
    return new ScriptedServer(
        (request, out) -> {
          String line = request.get(0);
          boolean describe = line.startsWith("DESCRIBE");
          String asked = String.join("\n", request);
          boolean refused = line.startsWith("SETUP") && asked.contains("RTP/AVP/TCP") != tcp;
          String ports = asked.replaceAll("(?s).*client_port=(\\d+-\\d+).*", "$1");
          ScriptedServer.send(
              out,
              refused ? "RTSP/1.0 461 Unsupported Transport" : "RTSP/1.0 200 OK",
              ScriptedServer.sequence(request),
              "Session: 1",
              "Transport: " + transport + (tcp ? "" : ";client_port=" + ports),
              "Content-Type: application/sdp",
              "Content-Length: " + (describe ? description.length() : 0));
          if (describe) {
            out.write(description.getBytes(StandardCharsets.UTF_8));
          }
          return true;
        });
  }

  private static String port(ScriptedServer server) {
    return server.url("http", "").replaceFirst(".*:", "");
  }

  private static StreamException failure(String url) {
    return failure(url, LONG);
  }

  private static StreamException failure(String url, Duration timeout) {
    return catchThrowableOfType(StreamException.class, () -> open(url, timeout).close());
  }

  private static CameraStream open(String url, Duration timeout) throws StreamException {
    return CameraStream.open(
        CameraUrl.parse(url), new StreamSettings(Transport.AUTO, timeout), new CountDownLatch(1));
  }
}
