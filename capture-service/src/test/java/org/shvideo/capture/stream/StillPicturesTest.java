package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.capture.stream.StreamException.Kind;

/** Cameras that answer each request with a single picture. */
@Tag("camera")
class StillPicturesTest {
  private static final StreamSettings SETTINGS =
      new StreamSettings(
          StreamSettings.Transport.TCP, Duration.ofSeconds(2), Duration.ofMillis(300));

  private static JpegVideo video;
  private static byte[] picture;
  private static byte[] larger;

  @BeforeAll
  static void drawPictures() {
    video = new TestVideo("mjpeg", 320, 240, 50, 8, 1, 0, 0).jpegs();
    picture = video.pictures().get(0);
    larger = new TestVideo("mjpeg", 640, 480, 50, 1, 1, 0, 0).jpegs().pictures().get(0);
  }

  /** What a camera says of its picture. */
  private enum Dialect {
    PLAIN("Content-Type: image/jpeg", "Content-Length: LENGTH", "Connection: close"),
    KEPT_ALIVE("Content-Type: image/jpeg", "Content-Length: LENGTH", "Connection: keep-alive"),
    KEPT_ALIVE_ANYWAY("Content-Type: image/jpeg", "Content-Length: LENGTH"),
    NO_LENGTH("Content-Type: image/jpeg", "Connection: close"),
    CHUNKED("Content-Type: image/jpeg", "Transfer-Encoding: chunked", "Connection: keep-alive"),
    CHUNKED_AND_CLOSED(
        "Content-Type: image/jpeg", "Transfer-Encoding: chunked", "Connection: close"),
    JPG("Content-Type: image/jpg", "Content-Length: LENGTH"),
    OCTETS("Content-Type: application/octet-stream", "Content-Length: LENGTH"),
    TEXT("Content-Type: text/html", "Content-Length: LENGTH"),
    NO_TYPE("Content-Length: LENGTH"),
    NOTHING("Server: camera");

    private final String headers;

    Dialect(String... headers) {
      this.headers = String.join("\r\n", headers);
    }

    boolean answer(byte[] bytes, OutputStream out) throws IOException {
      ScriptedServer.send(out, "HTTP/1.1 200 OK", headers.replace("LENGTH", "" + bytes.length));
      boolean chunked = headers.contains("chunked");
      if (chunked) {
        out.write("%x\r\n".formatted(bytes.length).getBytes(StandardCharsets.US_ASCII));
      }
      out.write(bytes);
      if (chunked) {
        out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      out.flush();
      return (chunked || headers.contains("LENGTH")) && !headers.contains("close");
    }
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void eachAnswerIsAFrameOfItsTime(Dialect dialect) throws Exception {
    readsPictures("/cgi-bin/snapshot.cgi?chn=1&user=x", dialect);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/snapshot.jpg", "/image.jpeg?a=*&b=[1]", "/snap", "/i%2Fj%20k.jpg"})
  void anyPathMayNameAPicture(String path) throws Exception {
    readsPictures(path, Dialect.PLAIN);
  }

  private static void readsPictures(String path, Dialect dialect) throws Exception {
    try (ScriptedServer camera =
            new ScriptedServer((request, out) -> dialect.answer(picture, out));
        CameraStream stream = open(camera.url("http", path))) {
      assertThat(stream.info().codec()).isEqualTo("mjpeg");
      assertThat(stream.info().width()).isEqualTo(320);
      assertThat(stream.snapshotInterval()).contains(Duration.ofMillis(300));
      long began = 0;
      for (int i = 0; i < 5; i++) {
        try (Packet packet = stream.read()) {
          began = i == 0 ? packet.arrivalNanos() : began;
          assertThat(bytes(packet)).isEqualTo(picture);
          assertThat(packet.keyframe()).isTrue();
          assertThat(packet.ptsMicros())
              .isEqualTo(packet.dtsMicros())
              .isBetween(
                  (packet.arrivalNanos() - began) / 1000 - 2000,
                  (packet.arrivalNanos() - began) / 1000 + 2000);
          assertThat(packet.dtsMicros() / 1e6).isBetween(i * 0.3 - 0.15, i * 0.3 + 0.6);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Authentication.Scheme.class)
  void logsInWithEachRequest(Authentication.Scheme scheme) throws Exception {
    try (MjpegCamera camera =
        MjpegCamera.serving(video)
            .stills()
            .credentials("me", "p@ss:w/rd#?%")
            .scheme(scheme)
            .start()) {
      try (CameraStream stream = open(camera.url())) {
        for (int i = 0; i < 4; i++) {
          stream.read().close();
        }
      }
      String wrong = "http://me:hush@127.0.0.1:" + camera.port() + "/video";
      assertThat(catchThrowableOfType(StreamException.class, () -> open(wrong).close()))
          .hasMessageNotContaining("hush")
          .extracting(StreamException::kind)
          .isEqualTo(Kind.UNAUTHORIZED);
    }
  }

  /** The camera offers the weaker digest first, and basic. */
  @ParameterizedTest
  @CsvSource({"SHA-256, SHA-256", "SHA-512-256, SHA-512/256", "MD5-sess, MD5"})
  void logsInByTheStrongestDigest(String algorithm, String hash) throws Exception {
    String challenge =
        "WWW-Authenticate: Digest realm=\"a, b\", nonce=\"n\", qop=\"auth-int,auth\"";
    ScriptedServer.Answer answer =
        (request, out) -> {
          String login = String.join("\n", request);
          if (!login.contains("Authorization: ")) {
            ScriptedServer.send(
                out,
                "HTTP/1.1 401 Unauthorized",
                "Content-Length: 0",
                "WWW-Authenticate: Basic realm=\"a, b\"",
                challenge + ", algorithm=unknown",
                challenge + ", algorithm=" + algorithm);
            return false;
          }
          String own = login.replaceAll("(?s).*cnonce=\"(.*?)\".*", "$1");
          String secret = hash(hash, "me:a, b:p\"w");
          secret = algorithm.endsWith("sess") ? hash(hash, secret + ":n:" + own) : secret;
          String expected =
              hash(hash, secret + ":n:00000001:" + own + ":auth:" + hash(hash, "GET:/s?a=b"));
          if (!login.contains("response=\"" + expected + "\"")) {
            ScriptedServer.send(out, "HTTP/1.1 403 Forbidden", "Content-Length: 0");
            return false;
          }
          return Dialect.PLAIN.answer(picture, out);
        };
    try (ScriptedServer camera = new ScriptedServer(answer);
        CameraStream stream = open(camera.url("http", "me:p%22w", "/s?a=b"))) {
      stream.read().close();
    }
  }

  private static String hash(String algorithm, String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of every third answer a part comes, or none: at the start, in a header, in the picture. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 3000, -2})
  void aCutOffPictureIsSkipped(int length) throws Exception {
    int kept = length < 0 ? picture.length + length : length;
    for (Dialect dialect : List.of(Dialect.PLAIN, Dialect.NO_LENGTH)) {
      AtomicInteger requests = new AtomicInteger();
      ScriptedServer.Answer answer =
          (request, out) -> {
            if (requests.getAndIncrement() % 3 != 2) {
              return dialect.answer(picture, out);
            }
            ScriptedServer.send(
                out,
                "HTTP/1.1 200 OK",
                "Content-Type: image/jpeg",
                dialect == Dialect.PLAIN ? "Content-Length: " + picture.length : "X: 1");
            out.write(picture, 0, kept);
            return false;
          };
      try (ScriptedServer camera = new ScriptedServer(answer);
          CameraStream stream = open(camera.url("http", "/snapshot"))) {
        for (int i = 0; i < 5; i++) {
          try (Packet packet = stream.read()) {
            assertThat(bytes(packet)).isEqualTo(picture);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"503, 1", "500, 2", "429, 1"})
  void anErrorThatPassesEndsNothing(int status, int errors) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (ScriptedServer camera = failing(requests, status, 4, 4 + errors);
        CameraStream stream = open(camera.url("http", "/snapshot"))) {
      for (int i = 0; i < 4; i++) {
        stream.read().close();
      }
      assertThat(requests.get()).isGreaterThanOrEqualTo(4 + errors);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "503, BUSY, busy (503",
    "500, SERVER_ERROR, internal error (500",
    "404, NOT_FOUND, (404); check the path",
    "401, UNAUTHORIZED, wrong user or password",
    "403, UNAUTHORIZED, not allowed"
  })
  void anErrorThatLastsIsReported(int status, Kind kind, String sentence) throws Exception {
    try (ScriptedServer camera = failing(new AtomicInteger(), status, 4, Integer.MAX_VALUE)) {
      long start = System.nanoTime();
      assertThat(ending(camera.url("http", "/snapshot")))
          .hasMessageContaining(sentence)
          .extracting(StreamException::kind)
          .isEqualTo(kind);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/snapshot.jpg, 503, BUSY, busy (503",
    "/snapshot.jpg, 401, UNAUTHORIZED, wrong user or password",
    "/snapshot.JPEG, 404, NOT_FOUND, (404); check the path",
    "/snapshot, 503, BUSY, busy (503",
    "/snapshot.jpg?a=b, 500, SERVER_ERROR, internal error (500"
  })
  void anErrorAtTheStartIsReported(String path, int status, Kind kind, String sentence)
      throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (ScriptedServer camera = failing(requests, status, 1, Integer.MAX_VALUE)) {
      assertThat(ending(camera.url("http", path)))
          .hasMessageContaining(sentence)
          .extracting(StreamException::kind)
          .isEqualTo(kind);
      assertThat(requests).hasValue(1);
    }
  }

  @Test
  void aSilentCameraIsReported() throws Exception {
    try (ScriptedServer camera = ScriptedServer.silent()) {
      assertThat(ending(camera.url("http", "/snapshot.jpg")).kind()).isEqualTo(Kind.TIMED_OUT);
    }
  }

  private static ScriptedServer failing(AtomicInteger requests, int status, int from, int to) {
    return new ScriptedServer(
        (request, out) -> {
          int number = requests.incrementAndGet();
          if (number < from || number >= to) {
            return Dialect.PLAIN.answer(picture, out);
          }
          ScriptedServer.send(out, "HTTP/1.1 " + status + " No", "Content-Length: 0");
          return true;
        });
  }

  @Test
  void aBusyCameraIsLeftAloneForAsLongAsItWants() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    AtomicLong refused = new AtomicLong();
    AtomicLong asked = new AtomicLong();
    ScriptedServer.Answer answer =
        (request, out) -> {
          int number = requests.incrementAndGet();
          if (number == 5) {
            asked.set(System.nanoTime());
          }
          if (number != 4) {
            return Dialect.PLAIN.answer(picture, out);
          }
          refused.set(System.nanoTime());
          ScriptedServer.send(out, "HTTP/1.1 503 Busy", "Retry-After: 1", "Content-Length: 0");
          return true;
        };
    try (ScriptedServer camera = new ScriptedServer(answer);
        CameraStream stream = open(camera.url("http", "/snapshot"))) {
      for (int i = 0; i < 4; i++) {
        stream.read().close();
      }
    }
    assertThat((asked.get() - refused.get()) / 1e9).isBetween(0.9, 1.8);
  }

  @Test
  void aSilentCameraIsGivenUp() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    ScriptedServer.Answer answer =
        (request, out) -> requests.incrementAndGet() > 4 || Dialect.PLAIN.answer(picture, out);
    try (ScriptedServer camera = new ScriptedServer(answer)) {
      long start = System.nanoTime();
      assertThat(ending(camera.url("http", "/snapshot")))
          .hasMessageContaining("connected, but no picture for 2 s")
          .extracting(StreamException::kind)
          .isEqualTo(Kind.STALLED);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void picturesThatAreAllCutOffAreReported(int whole) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    byte[] half = Arrays.copyOf(picture, picture.length / 2);
    ScriptedServer.Answer answer =
        (request, out) ->
            Dialect.PLAIN.answer(requests.incrementAndGet() > whole ? half : picture, out);
    try (ScriptedServer camera = new ScriptedServer(answer)) {
      assertThat(ending(camera.url("http", "/snapshot")).kind()).isEqualTo(Kind.STALLED);
    }
  }

  @Test
  void aPictureOfAnotherSizeIsReported() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    ScriptedServer.Answer answer =
        (request, out) ->
            Dialect.PLAIN.answer(requests.incrementAndGet() > 4 ? larger : picture, out);
    try (ScriptedServer camera = new ScriptedServer(answer)) {
      assertThat(ending(camera.url("http", "/snapshot")).kind()).isEqualTo(Kind.CHANGED);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEndlessAnswerIsCutOff(boolean picturesFirst) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    ScriptedServer.Answer answer =
        (request, out) -> {
          if (requests.incrementAndGet() <= (picturesFirst ? 4 : 0)) {
            return Dialect.PLAIN.answer(picture, out);
          }
          ScriptedServer.send(out, "HTTP/1.1 200 OK", "Content-Type: image/jpeg");
          out.write(picture, 0, picture.length - 2);
          while (true) {
            out.write(new byte[1 << 20]);
          }
        };
    try (ScriptedServer camera = new ScriptedServer(answer)) {
      StreamException end = ending(camera.url("http", "/snapshot"));
      if (picturesFirst) {
        assertThat(end).hasMessageContaining("a picture of more than 32 MiB");
      } else {
        assertThat(end.kind()).isIn(Kind.NOT_VIDEO, Kind.TIMED_OUT, Kind.TOO_LARGE);
      }
    }
  }

  @Test
  void aSlowCameraIsNotAskedTwiceAtATime() throws Exception {
    try (MjpegCamera camera =
            MjpegCamera.serving(video)
                .stills()
                .faults(new Fault.DelayResponses(Duration.ofMillis(500)))
                .start();
        CameraStream stream = open(camera.url())) {
      for (int i = 0; i < 4; i++) {
        stream.read().close();
        assertThat(camera.connections()).isLessThanOrEqualTo(1);
      }
    }
  }

  private static StreamException ending(String url) {
    return catchThrowableOfType(
        StreamException.class,
        () -> {
          try (CameraStream stream = open(url)) {
            for (int i = 0; i < 100; i++) {
              stream.read().close();
            }
          }
        });
  }

  private static CameraStream open(String url) throws StreamException {
    return CameraStream.open(CameraUrl.parse(url), SETTINGS, new CountDownLatch(1));
  }

  private static byte[] bytes(Packet packet) {
    byte[] bytes = new byte[packet.data().size()];
    packet.data().data().get(bytes);
    return bytes;
  }
}
