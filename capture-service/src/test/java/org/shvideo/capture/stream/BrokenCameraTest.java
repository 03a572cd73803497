package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.stream.StreamException.Kind;

/** What a user is told when a camera cannot be used, and that it never takes longer than asked. */
@Tag("camera")
class BrokenCameraTest {
  private static final StreamSettings SETTINGS =
      new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(1));

  @TempDir Path folder;

  @Test
  void unresolvableHost() {
    assertFails("rtsp://me:hush@camera.invalid/live", Kind.NO_SUCH_HOST, "host name not found");
  }

  @ParameterizedTest
  @CsvSource({"rtsp", "http"})
  void connectionRefused(String scheme) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertFails(
        scheme + "://me:hush@127.0.0.1:" + port + "/live", Kind.REFUSED, "connection refused");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void unreachableHost() {
    assertFails("rtsp://me:hush@255.255.255.255/live", Kind.UNREACHABLE, "host unreachable");
  }

  @ParameterizedTest
  @CsvSource({"rtsp", "http"})
  void silentCameraTimesOut(String scheme) throws IOException {
    try (ScriptedServer camera = ScriptedServer.silent()) {
      long start = System.nanoTime();
      assertFails(camera.url(scheme, "me:hush", "/live"), Kind.TIMED_OUT, "no picture within 1 s");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(900), Duration.ofMillis(1800));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 Unauthorized          | UNAUTHORIZED | wrong user or password (401)
          403 Forbidden             | UNAUTHORIZED | not allowed to see the stream (403)
          404 Not Found             | NOT_FOUND    | no stream at /live?token=*** (404)
          400 Bad Request           | REJECTED     | refused the request
          454 Session Not Found     | REJECTED     | refused the request (454 Session Not Found)
          453 Not Enough Bandwidth  | BUSY         | too many viewers (453 Not Enough Bandwidth)
          429 Too Many Requests     | BUSY         | busy (429 Too Many Requests)
          500 Internal Server Error | SERVER_ERROR | internal error (500 Internal Server Error)
          503 Service Unavailable   | BUSY         | busy (503 Service Unavailable)
          """)
  void errorResponsesAreReported(String status, Kind kind, String sentence) throws IOException {
    try (ScriptedServer rtsp =
            ScriptedServer.rtsp(status, "WWW-Authenticate: Basic realm=\"camera\"");
        ScriptedServer http = ScriptedServer.http(status)) {
      assertFails(rtsp.url("rtsp", "me:hush", "/live?token=hush"), kind, sentence);
      assertFails(http.url("http", "me:hush", "/live?token=hush"), kind, sentence);
    }
  }

  /** By RTSP and by HTTP, without a login and after one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          503 Service Unavailable | 7                             | 7
          429 Too Many Requests   | 20                            | 20
          503 Service Unavailable | 3600                          | 60
          503 Service Unavailable | 99999                         | 60
          503 Service Unavailable | 0                             |
          503 Service Unavailable | soon                          |
          503 Service Unavailable | Wed, 21 Oct 2015 07:28:00 GMT |
          """)
  void aBusyCameraIsAskedAgainWhenItWantsTo(String status, String wish, Integer seconds)
      throws IOException {
    for (String scheme : List.of("RTSP/1.0", "HTTP/1.1")) {
      AtomicInteger connections = new AtomicInteger();
      ScriptedServer.Answer answer =
          (request, out) -> {
            boolean first = request.stream().noneMatch(line -> line.startsWith("Authorization"));
            connections.addAndGet(first ? 1 : 0);
            ScriptedServer.send(
                out,
                scheme + " " + (first ? "401 Unauthorized" : status),
                ScriptedServer.sequence(request),
                "WWW-Authenticate: Basic realm=\"camera\"",
                "Retry-After: " + wish,
                "Content-Length: 0");
            return true;
          };
      try (ScriptedServer camera = new ScriptedServer(answer)) {
        CameraUrl url = CameraUrl.parse(camera.url(scheme.substring(0, 4), "me:hush", "/live"));
        StreamException failure =
            catchThrowableOfType(
                StreamException.class,
                () -> CameraStream.open(url, SETTINGS, new CountDownLatch(1)).close());

        assertThat(failure).hasMessageContaining("the camera is busy (" + status + ")");
        assertThat(failure.kind()).isEqualTo(Kind.BUSY);
        assertThat(failure.retryAfter().map(Duration::toSeconds))
            .isEqualTo(Optional.ofNullable(seconds).map(Integer::longValue));
        assertThat(connections).hasValue(1);
      }
    }
  }

  /** Over RTSP, FFmpeg answers the last digest. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SHA-256   |             | SHA-256 digest (401), which is not supported
          "SHA-256" |             | SHA-256 digest (401), which is not supported
          MD5       | SHA-256     | SHA-256 digest (401), which is not supported
          MD5       | SHA-512-256 | SHA-256 digest (401), which is not supported
          SHA-256   | MD5         | wrong user or password (401)
          MD5       |             | wrong user or password (401)
          """)
  void loginsThatAreNotSupportedAreTold(String first, String second, String sentence)
      throws IOException {
    String challenge = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"1\", algorithm=";
    String last = second == null ? "X-None: 1" : challenge + second;
    try (ScriptedServer camera = ScriptedServer.rtsp("401 Unauthorized", challenge + first, last)) {
      assertFails(camera.url("rtsp", "me:hush", "/live?a=b"), Kind.UNAUTHORIZED, sentence);
    }
  }

  @Test
  void webPageIsNotVideo() throws IOException {
    try (ScriptedServer camera =
        new ScriptedServer(
            (request, out) -> {
              String page = "<html><body>" + "Hello! ".repeat(500) + "</body></html>";
              ScriptedServer.send(
                  out,
                  "HTTP/1.1 200 OK",
                  "Content-Type: text/html",
                  "Content-Length: " + page.length());
              out.write(page.getBytes(StandardCharsets.UTF_8));
              return true;
            })) {
      assertFails(camera.url("http", "/"), Kind.NOT_VIDEO, "not a video that FFmpeg can read");
    }
  }

  @Test
  void audioOnlyStreamIsRejected() throws IOException {
    String description =
        """
        v=0
        o=- 0 0 IN IP4 127.0.0.1
        s=x
        t=0 0
        m=audio 0 RTP/AVP 0
        a=control:audio
        """
            .replace("\n", "\r\n");
    try (ScriptedServer camera =
        new ScriptedServer(
            (request, out) -> {
              ScriptedServer.send(
                  out,
                  "RTSP/1.0 200 OK",
                  ScriptedServer.sequence(request),
                  "Session: 1",
                  "Content-Type: application/sdp",
                  "Content-Length: "
                      + (request.get(0).startsWith("DESCRIBE") ? description.length() : 0));
              if (request.get(0).startsWith("DESCRIBE")) {
                out.write(description.getBytes(StandardCharsets.UTF_8));
              }
              return true;
            })) {
      assertFails(camera.url("rtsp", "/live"), Kind.NO_VIDEO_STREAM, "only audio or data");
    }
  }

  @Test
  void closedConnectionIsReported() throws IOException {
    try (ScriptedServer camera = new ScriptedServer((request, out) -> false)) {
      assertFails(camera.url("rtsp", "/live"), Kind.NOT_VIDEO, "not an RTSP server");
      assertFails(camera.url("http", "/live"), Kind.CLOSED, "closed the connection");
    }
  }

  @Test
  void unsupportedCodecIsNamed() throws IOException {
    Path file = TestVideo.of("mpeg4", 25, 3).write(folder.resolve("video.avi"));
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("FMP4", "ZZZZ");
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));

    assertFails(file.toString(), Kind.UNSUPPORTED_CODEC, "codec ZZZZ is not supported");
  }

  @Test
  void hungCameraDelaysNoOther() throws Exception {
    Path file = TestVideo.of("mpeg4", 25, 3).write(folder.resolve("video.avi"));
    StreamSettings patient =
        new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(30));
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch connected = new CountDownLatch(1);
    try (ScriptedServer hung =
        new ScriptedServer(
            (request, out) -> {
              connected.countDown();
              return true;
            })) {
      CameraUrl url = CameraUrl.parse(hung.url("rtsp", "/live"));
      CompletableFuture<StreamException> first =
          CompletableFuture.supplyAsync(
              () ->
                  catchThrowableOfType(
                      StreamException.class, () -> CameraStream.open(url, patient, stop).close()));
      assertThat(connected.await(10, TimeUnit.SECONDS)).isTrue();

      long start = System.nanoTime();
      CameraStream.open(CameraUrl.parse(file.toString()), patient, stop).close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(first).isNotDone();

      stop.countDown();
      assertThat(first.get(2, TimeUnit.SECONDS).kind()).isEqualTo(Kind.STOPPED);
    }
  }

  /** A playlist would have us ask others, or read our own files. */
  @ParameterizedTest
  @CsvSource({
    "'#EXTM3U%n#EXT-X-TARGETDURATION:2%n#EXTINF:2,%n%s%n', application/vnd.apple.mpegurl,"
        + " live.m3u8",
    "'#EXTM3U%n#EXT-X-STREAM-INF:BANDWIDTH=1%n%s%n', video/mp4, live",
    "'ffconcat version 1.0%nfile %s%n', text/plain, live.ffconcat",
    "'<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"><Period>"
        + "<AdaptationSet><Representation id=\"1\" mimeType=\"video/mp4\"><BaseURL>%s</BaseURL>"
        + "</Representation></AdaptationSet></Period></MPD>', application/dash+xml, live.mpd",
    "'v=0%no=- 1 1 IN IP4 127.0.0.1%ns=x%nt=0 0%nm=video 0 RTP/AVP 96%na=control:%s%n', "
        + "application/sdp, live.sdp",
  })
  void playlistsAreNotFollowed(String playlist, String type, String path) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedServer other =
            new ScriptedServer(
                (request, out) -> {
                  asked.incrementAndGet();
                  ScriptedServer.send(out, "HTTP/1.1 404 Not Found", "Content-Length: 0");
                  return true;
                });
        ScriptedServer camera =
            new ScriptedServer(
                (request, out) -> {
                  String body = playlist.formatted(other.url("http", "me:hush", "/secret.ts"));
                  ScriptedServer.send(
                      out,
                      "HTTP/1.1 200 OK",
                      "Content-Type: " + type,
                      "Content-Length: " + body.length());
                  out.write(body.getBytes(StandardCharsets.US_ASCII));
                  out.flush();
                  return true;
                })) {
      assertThat(
              catchThrowableOfType(
                  StreamException.class,
                  () ->
                      CameraStream.open(
                              CameraUrl.parse(camera.url("http", "me:hush", "/" + path)),
                              SETTINGS,
                              new CountDownLatch(1))
                          .close()))
          .isNotNull();
      assertThat(asked).hasValue(0);
    }
  }

  private static void assertFails(String url, Kind kind, String sentence) {
    StreamException failure =
        catchThrowableOfType(
            StreamException.class,
            () -> CameraStream.open(CameraUrl.parse(url), SETTINGS, new CountDownLatch(1)).close());

    assertThat(failure).as("failure to open " + url).isNotNull();
    assertThat(failure).hasMessageContaining(sentence).hasMessageNotContaining("hush");
    assertThat(failure.kind()).isEqualTo(kind);
  }
}
