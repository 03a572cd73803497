package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.stream.StreamException.Kind;

@Tag("camera")
class CameraStreamTest {
  private static final StreamSettings SETTINGS =
      new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(2));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "mpeg4, avi, mpeg4",
    "libopenh264, mkv, h264",
    "libopenh264, mp4, h264",
    "libopenh264, h264, h264",
    "mjpeg, avi, mjpeg",
    "mjpeg, mjpeg, mjpeg"
  })
  void playsAFileAtItsOwnRate(String encoder, String ending, String codec) throws Exception {
    Path file = TestVideo.of(encoder, 25, 13).write(folder.resolve("video." + ending));

    long start = System.nanoTime();
    List<Long> stamps = new ArrayList<>();
    try (CameraStream stream = open(file.toString())) {
      assertThat(stream.info().codec()).isEqualTo(codec);
      assertThat(stream.info().width()).isEqualTo(320);
      assertThat(stream.info().height()).isEqualTo(240);
      assertThat(stream.info().frameRate()).isEqualTo(25);
      Packet next = stream.read();
      while (next != null) {
        try (Packet packet = next) {
          assertThat(packet.keyframe() || !stamps.isEmpty()).isTrue();
          assertThat(packet.data().dts()).isEqualTo(packet.dtsMicros());
          stamps.add(packet.dtsMicros());
        }
        next = stream.read();
      }
    }

    assertThat(stamps).hasSize(13).startsWith(0L, 40_000L, 80_000L).endsWith(480_000L);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(480), Duration.ofMillis(2000));
  }

  @Test
  void missingFileIsNamed() {
    assertThat(failure("/no/such.avi").kind()).isEqualTo(Kind.FILE_MISSING);
  }

  @Test
  void rejectsFilesWithoutVideo() throws Exception {
    Path text = Files.writeString(folder.resolve("notes.avi"), "no video\n".repeat(1000));
    Path empty = Files.createFile(folder.resolve("empty.avi"));

    assertThat(failure(text.toString()).kind()).isEqualTo(Kind.NOT_VIDEO);
    assertThat(failure(empty.toString()).kind()).isEqualTo(Kind.NOT_VIDEO);
  }

  @Test
  void rejectsFilesThatNameOthers() throws Exception {
    TestVideo.of("libopenh264", 25, 25).write(folder.resolve("other.ts"));
    Path list =
        Files.writeString(
            folder.resolve("live.m3u8"),
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n");
    Path concat =
        Files.writeString(folder.resolve("all.avi"), "ffconcat version 1.0\nfile other.ts\n");

    assertThat(failure(list.toString()).kind()).isEqualTo(Kind.NOT_VIDEO);
    assertThat(failure(concat.toString()).kind()).isEqualTo(Kind.NOT_VIDEO);
  }

  private static CameraStream open(String url) throws StreamException {
    return CameraStream.open(CameraUrl.parse(url), SETTINGS, new CountDownLatch(1));
  }

  private static StreamException failure(String url) {
    StreamException failure = catchThrowableOfType(StreamException.class, () -> open(url).close());
    assertThat(failure).as("failure to open " + url).isNotNull();
    return failure;
  }
}
