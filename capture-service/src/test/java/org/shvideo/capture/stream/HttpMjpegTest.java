package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.stream.StreamException.Kind;

/** Cameras that send one JPEG after the other, as the prototype's did. */
class HttpMjpegTest {
  private static final StreamSettings SETTINGS =
      new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(2));

  private static List<byte[]> small;
  private static List<byte[]> large;

  @BeforeAll
  static void drawPictures(@TempDir Path folder) throws Exception {
    small =
        pictures(new TestVideo("mjpeg", 320, 240, 100, 8, 1, 0, 0), folder.resolve("small.avi"));
    large =
        pictures(new TestVideo("mjpeg", 640, 480, 100, 2, 1, 0, 0), folder.resolve("large.avi"));
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 15, 30})
  void hasTheRateAtWhichPicturesCome(int fps) throws Exception {
    int count = fps + 3;
    List<Long> stamps = new ArrayList<>();
    try (ScriptedServer camera = camera(out -> play(out, small, count, fps));
        CameraStream stream = open(camera.url("http", "/video"))) {
      assertThat(stream.info().codec()).isEqualTo("mjpeg");
      assertThat(stream.info().width()).isEqualTo(320);
      assertThat(stream.info().frameRate()).as("what nobody knows").isZero();
      for (int i = 0; i < count - 1; i++) { // FFmpeg gives a picture when the next one begins
        try (Packet packet = stream.read()) {
          assertThat(packet.keyframe()).isTrue();
          assertThat(packet.ptsMicros()).isEqualTo(packet.dtsMicros());
          stamps.add(packet.dtsMicros());
        }
      }
    }

    long length = stamps.get(stamps.size() - 1) - stamps.get(0);
    assertThat(stamps.get(0)).isZero();
    assertThat(length / 1e6).isBetween(0.8 * (count - 2) / fps, 1.3 * (count - 2) / fps);
  }

  @Test
  void passesTheLoginOnEvenWithSpecialCharacters() throws Exception {
    AtomicReference<String> login = new AtomicReference<>("");
    try (ScriptedServer camera =
            new ScriptedServer(
                (request, out) -> {
                  for (String line : request) {
                    if (line.startsWith("Authorization: Basic ")) {
                      login.set(line.substring("Authorization: Basic ".length()));
                      return serve(out, video -> play(video, small, 20, 20));
                    }
                  }
                  ScriptedServer.send(
                      out,
                      "HTTP/1.1 401 Unauthorized",
                      "WWW-Authenticate: Basic realm=\"camera\"",
                      "Content-Length: 0");
                  return true;
                });
        CameraStream stream = open(camera.url("http", "me:p@ss:w0rd%", "/video"));
        Packet packet = stream.read()) {
      assertThat(packet.size()).isPositive();
    }

    assertThat(new String(Base64.getDecoder().decode(login.get()), StandardCharsets.UTF_8))
        .isEqualTo("me:p@ss:w0rd%");
  }

  @Test
  void tellsWhenTheCameraHangsUp() throws Exception {
    assertThat(ending(out -> play(out, small, 3, 50))).isEqualTo(Kind.CLOSED);
  }

  @Test
  void tellsWhenThePicturesStopComing() throws Exception {
    CountDownLatch forever = new CountDownLatch(1);

    long start = System.nanoTime();
    assertThat(
            ending(
                out -> {
                  play(out, small, 3, 50);
                  forever.await();
                }))
        .isEqualTo(Kind.STALLED);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void tellsWhenThePictureChangesItsSize() throws Exception {
    assertThat(
            ending(
                out -> {
                  play(out, small, 5, 50);
                  play(out, large, 5, 50);
                }))
        .isEqualTo(Kind.CHANGED);
  }

  private interface Video {
    void play(OutputStream out) throws IOException, InterruptedException;
  }

  private static ScriptedServer camera(Video video) {
    return new ScriptedServer((request, out) -> serve(out, video));
  }

  private static boolean serve(OutputStream out, Video video)
      throws IOException, InterruptedException {
    ScriptedServer.send(
        out, "HTTP/1.0 200 OK", "Content-Type: multipart/x-mixed-replace; boundary=next");
    video.play(out);
    return false;
  }

  private static void play(OutputStream out, List<byte[]> pictures, int count, int fps)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      byte[] picture = pictures.get(i % pictures.size());
      ScriptedServer.send(
          out, "--next", "Content-Type: image/jpeg", "Content-Length: " + picture.length);
      out.write(picture);
      out.write("\r\n".getBytes(StandardCharsets.UTF_8));
      out.flush();
      long due = start + (i + 1) * 1_000_000_000L / fps;
      Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
    }
  }

  private static Kind ending(Video video) throws Exception {
    try (ScriptedServer camera = camera(video);
        CameraStream stream = open(camera.url("http", "/video"))) {
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

  private static List<byte[]> pictures(TestVideo video, Path file) throws StreamException {
    List<byte[]> pictures = new ArrayList<>();
    try (CameraStream stream = open(video.write(file).toString())) {
      for (int i = 0; i < video.frames(); i++) {
        try (Packet packet = stream.read()) {
          byte[] picture = new byte[packet.size()];
          packet.data().data().get(picture);
          pictures.add(picture);
        }
      }
    }
    return pictures;
  }
}
