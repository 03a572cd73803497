package org.shvideo.camera.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.FfmpegClient;
import org.shvideo.camera.FfmpegClient.Received;
import org.shvideo.camera.TestFile;
import org.shvideo.camera.TestVideo;

class VideoFileTest {
  private static final EncodedVideo PLAIN = TestVideo.of(320, 240, 25, 30, 10);

  @TempDir private Path folder;
  private Path bFrames;

  @BeforeEach
  void copyFilmWithBFrames() throws IOException {
    bFrames = folder.resolve("b-frames.mp4");
    try (InputStream in = TestFile.class.getResourceAsStream("b-frames.mp4")) {
      Files.copy(in, bFrames);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mp4", "mov", "avi", "h264", "mkv", "ts"})
  void readsPacketsAndTimesOfEveryContainer(String extension) throws IOException {
    Path file = TestFile.write(folder.resolve("film." + extension), PLAIN);

    EncodedVideo read = VideoFile.read(file);

    assertThat(read.width()).isEqualTo(320);
    assertThat(read.height()).isEqualTo(240);
    assertThat(read.length()).isEqualTo(Duration.ofMillis(1200));
    assertSameNalUnits(read, PLAIN);
    assertThat(read.units()).extracting(AccessUnit::dtsMicros).startsWith(0L, 40_000L, 80_000L);
    assertThat(read.units())
        .extracting(AccessUnit::ptsMicros)
        .isEqualTo(PLAIN.units().stream().map(AccessUnit::ptsMicros).toList());
  }

  @Test
  void mp4WithBFramesKeepsDecodingAndPresentationTimes() throws IOException {
    assertSameTimesAsFfmpeg(bFrames);
  }

  @Test
  void readsTheTimesOfRealFootage() throws IOException {
    Assumptions.assumeTrue(Files.exists(sharedMedia()), "no shared media beside the checkout");

    for (String name :
        List.of("bottle-detection", "car-detection", "one-by-one-person-detection")) {
      assertSameTimesAsFfmpeg(sharedMedia().resolve(name + ".mp4"));
    }
  }

  private static Path sharedMedia() {
    String set = System.getenv("SHVIDEO_SHARED");
    return set != null
        ? Path.of(set, "media")
        : Path.of(System.getProperty("shvideo.root", "."), "../shared/media");
  }

  private static void assertSameTimesAsFfmpeg(Path file) throws IOException {
    EncodedVideo video = VideoFile.read(file);
    List<Received> expected;
    double ticks;
    try (FfmpegClient ffmpeg = new FfmpegClient(file.toString())) {
      expected = ffmpeg.read(Integer.MAX_VALUE);
      ticks = ffmpeg.ticksPerSecond() / 1e6;
    }
    assertThat(video.units()).hasSameSizeAs(expected);
    double dts0 = expected.get(0).dts();
    double pts0 = expected.get(0).pts();
    for (int i = 0; i < expected.size(); i++) {
      AccessUnit unit = video.units().get(i);
      assertThat(unit.dtsMicros() * ticks).isEqualTo(expected.get(i).dts() - dts0, within(0.2));
      assertThat((unit.ptsMicros() - video.units().get(0).ptsMicros()) * ticks)
          .isEqualTo(expected.get(i).pts() - pts0, within(0.4));
      assertThat(unit.ptsMicros()).isGreaterThanOrEqualTo(unit.dtsMicros());
      assertThat(unit.keyframe()).isEqualTo(expected.get(i).keyframe());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"avi", "h264", "mkv"})
  void derivesMissingTimesFromThePictureOrder(String extension) throws IOException {
    EncodedVideo original = VideoFile.read(bFrames);

    EncodedVideo read =
        VideoFile.read(TestFile.write(folder.resolve("film." + extension), original));

    assertSameNalUnits(read, original);
    assertThat(read.units())
        .extracting(AccessUnit::ptsMicros)
        .isEqualTo(original.units().stream().map(AccessUnit::ptsMicros).toList());
    assertThat(original.units()).anyMatch(unit -> unit.ptsMicros() > unit.dtsMicros() + 40_000);
  }

  @Test
  void rawStreamWithoutFrameRatePlaysAt25FramesPerSecond() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    PLAIN.units().forEach(unit -> stream.writeBytes(TestFile.annexB(unit.nalUnits())));
    Path file = Files.write(folder.resolve("film.h264"), stream.toByteArray());

    assertThat(VideoFile.read(file).frameRate()).isEqualTo(25, within(0.001));
  }

  @Test
  void readsAnUnfinishedAviUpToItsEnd() throws IOException {
    byte[] whole = Files.readAllBytes(TestFile.write(folder.resolve("film.avi"), PLAIN));
    Path half = Files.write(folder.resolve("half.avi"), Arrays.copyOf(whole, whole.length / 2));

    EncodedVideo read = VideoFile.read(half);

    assertThat(read.units().size()).isBetween(5, 20);
    assertThat(read.units().get(3).nalUnits().get(0))
        .isEqualTo(PLAIN.units().get(3).nalUnits().get(0));
  }

  static Stream<Arguments> unusableFiles() {
    byte[] text = "This is not a video.".getBytes(StandardCharsets.UTF_8);
    byte[] noMovie = new byte[64];
    System.arraycopy("\0\0\0\40ftypisom".getBytes(StandardCharsets.ISO_8859_1), 0, noMovie, 0, 12);
    byte[] playlist =
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nb-frames.mp4\n"
            .getBytes(StandardCharsets.UTF_8);
    return Stream.of(
        Arguments.of("text.txt", text, "not a readable MP4, MOV, AVI"),
        Arguments.of("empty.mp4", new byte[0], "not a readable MP4"),
        Arguments.of(
            "cut.mkv", new byte[] {0x1a, 0x45, (byte) 0xdf, (byte) 0xa3}, "not a readable"),
        Arguments.of("cut.mp4", noMovie, "not a readable MP4"),
        Arguments.of("playlist.m3u8", playlist, "not a readable MP4"),
        Arguments.of(
            "hevc.h265", new byte[] {0, 0, 0, 1, 0x40, 1, 12, 1}, "its video is hevc, not H.264"),
        Arguments.of(
            "cut.h264",
            new byte[] {0, 0, 1, 0x67, 0x42, 0, 31, 0, 0, 1, 0x68, 1, 0, 0, 1, 0x65, -120},
            "damaged"));
  }

  @ParameterizedTest
  @MethodSource("unusableFiles")
  void namesTheProblemAndTheRemedyOfAnUnusableFile(String name, byte[] bytes, String problem)
      throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);

    assertThatThrownBy(() -> VideoFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            "Cannot play " + file, problem, "Convert it, for example: ffmpeg -i " + name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"avi", "mp4"})
  void namesACodecThatIsNotH264(String extension) throws IOException {
    Path file = folder.resolve("film." + extension);
    TestFile.write(file, AV_CODEC_ID_MPEG4, PLAIN, List.of(new byte[100], new byte[100]));

    assertThatThrownBy(() -> VideoFile.read(file))
        .hasMessageContaining("its video is mpeg4, not H.264");
  }

  @Test
  void namesAMissingFile() {
    assertThatThrownBy(() -> VideoFile.read(folder.resolve("none.mp4")))
        .hasMessage("No such file: " + folder.resolve("none.mp4"));
  }

  private static void assertSameNalUnits(EncodedVideo actual, EncodedVideo expected) {
    assertThat(actual.units()).hasSameSizeAs(expected.units());
    for (int i = 0; i < expected.units().size(); i++) {
      // FFmpeg's MPEG-TS muxer adds a delimiter to each unit.
      assertThat(
              actual.units().get(i).nalUnits().stream()
                  .filter(nal -> NalUnits.type(nal) != NalUnits.DELIMITER)
                  .map(ByteBuffer::wrap))
          .as("unit %d", i)
          .isEqualTo(expected.units().get(i).nalUnits().stream().map(ByteBuffer::wrap).toList());
      assertThat(actual.units().get(i).keyframe()).isEqualTo(expected.units().get(i).keyframe());
    }
  }
}
