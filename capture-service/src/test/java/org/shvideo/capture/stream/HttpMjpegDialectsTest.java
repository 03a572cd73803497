package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.capture.stream.StreamException.Kind;

/** JPEGs over HTTP in all the ways that cameras have of separating them. */
@Tag("camera")
class HttpMjpegDialectsTest {
  private static final StreamSettings SETTINGS =
      new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(2));

  private static final String MULTIPART = "multipart/x-mixed-replace; boundary=frame";
  private static final String JPEG = "Content-Type: image/jpeg\r\n";
  private static final int END_MARKER = 2;
  private static final int FPS = 10;

  private static List<byte[]> pictures;

  @BeforeAll
  static void drawPictures() {
    pictures = new TestVideo("mjpeg", 320, 240, 50, 8, 1, 0, 0).jpegs().pictures();
  }

  /** What comes before each picture, with LENGTH for its length, and what comes after it. */
  private enum Dialect {
    PLAIN("--frame\r\n" + JPEG + "Content-Length: LENGTH\r\n\r\n", "\r\n"),
    NO_FIRST_BOUNDARY(JPEG + "Content-Length: LENGTH\r\n\r\n", "\r\n--frame\r\n"),
    DASHES_IN_HEADER("multipart/x-mixed-replace; boundary=--frame", PLAIN.before, "\r\n"),
    QUOTED("multipart/x-mixed-replace; boundary=\"frame\"", PLAIN.before, "\r\n"),
    OTHER_BOUNDARY("multipart/x-mixed-replace; boundary=other", PLAIN.before, "\r\n"),
    NO_LENGTH("--frame\r\n" + JPEG + "\r\n", "\r\n"),
    IMAGE_JPG("--frame\r\nContent-Type: image/jpg\r\n\r\n", "\r\n"),
    OCTETS_IN_PARTS("--frame\r\nContent-Type: application/octet-stream\r\n\r\n", "\r\n"),
    NO_TYPE("--frame\r\nContent-Length: LENGTH\r\n\r\n", "\r\n"),
    NO_HEADERS("--frame\r\n\r\n", "\r\n"),
    LINE_FEEDS("--frame\nContent-Type: image/jpeg\nContent-Length: LENGTH\n\n", "\n"),
    LINE_FEEDS_NO_LENGTH("--frame\nContent-Type: image/jpeg\n\n", "\n"),
    NO_LINE_END(PLAIN.before, ""),
    NO_LINE_END_NO_LENGTH(NO_LENGTH.before, ""),
    NO_DASHES("frame\r\n" + JPEG + "Content-Length: LENGTH\r\n\r\n", "\r\n"),
    RAW("video/x-motion-jpeg", "", ""),
    RAW_OCTETS("application/octet-stream", "", ""),
    RAW_AS_JPEG("image/jpeg", "", ""),
    NO_MULTIPART_TYPE("image/jpeg", PLAIN.before, "\r\n"),
    OTHER_HEADERS("--frame\r\nX-Timestamp: 1.5\r\n" + JPEG + "X-Framerate: 60\r\n\r\n", "\r\n"),
    LENGTH_TOO_LONG(PLAIN.before.replace("LENGTH", "LONGER"), "\r\n"),
    LENGTH_FAR_TOO_LONG(PLAIN.before.replace("LENGTH", "FAR"), "\r\n"),
    LENGTH_TOO_SHORT(PLAIN.before.replace("LENGTH", "SHORTER"), "\r\n"),
    LENGTH_ZERO(PLAIN.before.replace("LENGTH", "0"), "\r\n"),
    LENGTH_NO_NUMBER(PLAIN.before.replace("LENGTH", "unknown"), "\r\n");

    private final String type;
    private final String before;
    private final String after;

    Dialect(String before, String after) {
      this(MULTIPART, before, after);
    }

    Dialect(String type, String before, String after) {
      this.type = type;
      this.before = before;
      this.after = after;
    }

    void send(byte[] picture, OutputStream out) throws IOException {
      int length = picture.length;
      String head =
          before
              .replace("LENGTH", "" + length)
              .replace("LONGER", "" + (length + 2))
              .replace("FAR", "" + (length + 20))
              .replace("SHORTER", "" + (length - 20));
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(picture);
      out.write(after.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void readsEveryPictureAtItsTime(Dialect dialect) throws Exception {
    readsPicturesAtTheirTime("", dialect, false);
  }

  @Test
  void readsAfterAPreamble() throws Exception {
    readsPicturesAtTheirTime("this is a preamble\r\n", Dialect.PLAIN, false);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "IMAGE_JPG", "RAW"})
  void readsHttpChunks(Dialect dialect) throws Exception {
    readsPicturesAtTheirTime("", dialect, true);
  }

  private static void readsPicturesAtTheirTime(String preamble, Dialect dialect, boolean chunked)
      throws Exception {
    ScriptedServer.Answer answer =
        (request, out) -> {
          stream(preamble, dialect, chunked, out);
          return false;
        };
    long last = 0;
    try (ScriptedServer camera = new ScriptedServer(answer);
        CameraStream stream = open(camera)) {
      assertThat(stream.info().codec()).isEqualTo("mjpeg");
      assertThat(stream.info().width()).isEqualTo(320);
      for (int i = 0; i <= FPS; i++) {
        try (Packet packet = stream.read()) {
          assertThat(bytes(packet)).startsWith(0xff, 0xd8).endsWith(0xff, 0xd9);
          last = packet.ptsMicros();
        }
      }
    }
    assertThat(last / 1e6).isBetween(0.7, 1.4);
  }

  private static void stream(String preamble, Dialect dialect, boolean chunked, OutputStream out)
      throws IOException, InterruptedException {
    ScriptedServer.send(
        out,
        "HTTP/1.1 200 OK",
        "Content-Type: " + dialect.type,
        chunked ? "Transfer-Encoding: chunked" : "Connection: close");
    for (int i = 0; i < 20 * FPS; i++) {
      ByteArrayOutputStream part = new ByteArrayOutputStream();
      part.write((i == 0 ? preamble : "").getBytes(StandardCharsets.US_ASCII));
      dialect.send(pictures.get(i % pictures.size()), part);
      if (chunked) {
        out.write("%x\r\n".formatted(part.size()).getBytes(StandardCharsets.US_ASCII));
        part.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      part.writeTo(out);
      out.flush();
      Thread.sleep(1000 / FPS);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "NO_LENGTH", "IMAGE_JPG", "RAW"})
  void halfPicturesAreSkipped(Dialect dialect) throws Exception {
    ScriptedServer.Answer answer =
        (request, out) -> {
          ScriptedServer.send(out, "HTTP/1.1 200 OK", "Content-Type: " + dialect.type);
          for (int i = 0; i < 10; i++) {
            dialect.send(pictures.get(i % pictures.size()), out);
          }
          ByteArrayOutputStream half = new ByteArrayOutputStream();
          dialect.send(pictures.get(0), half);
          out.write(half.toByteArray(), 0, half.size() / 2);
          return false;
        };
    try (ScriptedServer camera = new ScriptedServer(answer);
        CameraStream stream = open(camera)) {
      StreamException end =
          catchThrowableOfType(
              StreamException.class,
              () -> {
                while (true) {
                  try (Packet packet = stream.read()) {
                    assertThat(bytes(packet)).endsWith(0xff, 0xd9);
                  }
                }
              });
      assertThat(end.kind()).isEqualTo(Kind.CLOSED);
    }
  }

  /** Players show such pictures, so they are recorded. */
  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "NO_LENGTH", "RAW"})
  void aCameraThatWritesNoEndMarkersIsRecorded(Dialect dialect) throws Exception {
    ScriptedServer.Answer answer =
        (request, out) -> {
          ScriptedServer.send(out, "HTTP/1.1 200 OK", "Content-Type: " + dialect.type);
          for (int i = 0; i < 200; i++) {
            byte[] picture = pictures.get(i % pictures.size());
            dialect.send(Arrays.copyOf(picture, picture.length - END_MARKER), out);
            out.flush();
            Thread.sleep(20);
          }
          return false;
        };
    try (ScriptedServer camera = new ScriptedServer(answer);
        CameraStream stream = open(camera)) {
      for (int i = 0; i < 10; i++) {
        stream.read().close();
      }
    }
  }

  private static CameraStream open(ScriptedServer camera) throws StreamException {
    return CameraStream.open(
        CameraUrl.parse(camera.url("http", "/video")), SETTINGS, new CountDownLatch(1));
  }

  private static byte[] bytes(Packet packet) {
    byte[] bytes = new byte[packet.data().size()];
    packet.data().data().get(bytes);
    return bytes;
  }
}
