package org.shvideo.worker.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.worker.TestClips;

final class ClipReaderTest {
  private static final int FRAMES = 40;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "clip.avi, mpeg4, 25",
    "clip.avi, mpeg4, 10",
    "clip.mp4, mpeg4, 15",
    "clip.mkv, mpeg4, 25",
    "clip.webm, vp8, 25",
    "clip.mjpeg.avi, mjpeg, 20",
    "'Kamera Küche 100%.avi', mpeg4, 25",
    "http:clip.avi, mpeg4, 25",
  })
  void readsEveryFrameWithItsTimeFromAnyContainer(String name, String codec, double fps)
      throws Exception {
    Path plain = folder.resolve("plain" + name.substring(name.indexOf('.')));
    Path clip = folder.resolve(name);
    Files.move(TestClips.encode(plain, FRAMES, fps, ClipReaderTest::shade), clip);

    try (ClipReader reader = ClipReader.open(clip, 2)) {
      assertThat(reader.info().codec()).isEqualTo(codec);
      assertThat(reader.info().width()).isEqualTo(320);
      assertThat(reader.info().height()).isEqualTo(180);
      assertThat(reader.info().framesPerSecond()).isCloseTo(fps, within(0.01));
      assertThat(reader.info().expectedFrames()).isCloseTo(FRAMES, within(1));
      for (int i = 0; i < FRAMES; i++) {
        assertThat(reader.next()).as("frame %d", i).isTrue();
        assertThat(reader.index()).isEqualTo(i);
        assertThat(reader.seconds()).isCloseTo(i / fps, within(0.002));
        assertThat(reader.luma().at(80, 45)).as("frame %d", i).isCloseTo(40 + 4 * i, within(8));
      }
      assertThat(reader.next()).isFalse();
      assertThat(reader.next()).isFalse();
      assertThat(reader.index()).isEqualTo(FRAMES - 1);
      assertThat(reader.damaged()).isZero();
    }
  }

  /** Widths that FFmpeg's converters, working on 8, 16 or 32 pixels at once, do not end on. */
  @ParameterizedTest
  @ValueSource(ints = {100, 322, 802, 810})
  void everyColumnOfAFrameIsFilled(int width) throws Exception {
    Path clip =
        TestClips.encode(
            folder.resolve("width.avi"),
            1,
            25,
            i -> {
              BufferedImage white = new BufferedImage(width, 50, BufferedImage.TYPE_3BYTE_BGR);
              var graphics = white.createGraphics();
              graphics.setColor(Color.WHITE);
              graphics.fillRect(0, 0, width, 50);
              graphics.dispose();
              return white;
            });

    try (ClipReader reader = ClipReader.open(clip, 1)) {
      reader.next();
      try (ClipFrame frame = reader.copy()) {
        for (int x = 0; x < width; x++) {
          for (int y = 0; y < 50; y++) {
            assertThat(frame.pixels().get(y * frame.stride() + 3 * x) & 0xff).isGreaterThan(240);
          }
        }
      }
    }
  }

  @Test
  void aFramesColoursAndPlacesAreRightAndOutliveTheReader() throws Exception {
    BufferedImage picture = new BufferedImage(322, 182, BufferedImage.TYPE_3BYTE_BGR);
    var graphics = picture.createGraphics();
    graphics.setColor(Color.RED);
    graphics.fillRect(0, 0, 161, 91);
    graphics.setColor(Color.GREEN);
    graphics.fillRect(161, 0, 161, 91);
    graphics.setColor(Color.BLUE);
    graphics.fillRect(0, 91, 322, 91);
    graphics.dispose();
    Path clip = TestClips.encode(folder.resolve("colours.avi"), 3, 25, i -> picture);

    ClipFrame frame;
    try (ClipReader reader = ClipReader.open(clip, 1)) {
      reader.next();
      reader.next();
      frame = reader.copy();
    }

    try (frame) {
      assertThat(frame.index()).isEqualTo(1);
      assertThat(frame.seconds()).isCloseTo(0.04, within(0.001));
      assertThat(frame.width()).isEqualTo(322);
      assertThat(frame.height()).isEqualTo(182);
      BufferedImage image = frame.toImage();
      assertColour(image, 20, 20, Color.RED);
      assertColour(image, 300, 20, Color.GREEN);
      assertColour(image, 20, 160, Color.BLUE);
      assertColour(image, 300, 160, Color.BLUE);
    }
  }

  /** Marks with red where the top left corner of the coded picture is shown. */
  @ParameterizedTest
  @CsvSource({
    "0, 1, -1, 0, 180, 320, 160, 20", // phones held upright: to the right
    "0, -1, 1, 0, 180, 320, 20, 300",
    "-1, 0, 0, -1, 320, 180, 300, 160",
    "-1, 0, 0, 1, 320, 180, 300, 20", // mirrored
    "1, 0, 0, -1, 320, 180, 20, 160",
    "0, 1, 1, 0, 180, 320, 20, 20",
  })
  void aFrameIsTurnedAndMirroredAsItIsShown(
      int a, int b, int c, int d, int width, int height, int redX, int redY) throws Exception {
    Path clip = TestClips.encode(folder.resolve("turned.mp4"), 2, 25, i -> redCorner(320, 180));
    byte[] bytes = Files.readAllBytes(clip);
    int matrix = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("tkhd") + 44;
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.putInt(matrix, a << 16).putInt(matrix + 4, b << 16);
    header.putInt(matrix + 12, c << 16).putInt(matrix + 16, d << 16);
    Files.write(clip, bytes);

    assertShown(clip, width, height, redX, redY);
  }

  @ParameterizedTest
  @CsvSource({"2, 640", "0.5, 160", "1.3333, 427", "50, 320"})
  void pixelsThatAreNotSquareAreStretched(double aspect, int width) throws Exception {
    for (String name : List.of("wide.mp4", "wide.mkv")) {
      Path clip = TestClips.encode(folder.resolve(name), 2, 25, aspect, i -> redCorner(320, 180));

      assertShown(clip, width, 180, 20, 20);
    }
  }

  private static BufferedImage redCorner(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    var graphics = picture.createGraphics();
    graphics.setColor(Color.BLUE);
    graphics.fillRect(0, 0, width, height);
    graphics.setColor(Color.RED);
    graphics.fillRect(0, 0, width / 2, height / 2);
    graphics.dispose();
    return picture;
  }

  private static void assertShown(Path clip, int width, int height, int redX, int redY)
      throws Exception {
    try (ClipReader reader = ClipReader.open(clip, 1)) {
      reader.next();
      try (ClipFrame frame = reader.copy()) {
        assertThat(frame.width()).isEqualTo(reader.info().width()).isCloseTo(width, within(1));
        assertThat(frame.height()).isEqualTo(reader.info().height()).isEqualTo(height);
        BufferedImage image = frame.toImage();
        assertColour(image, redX, redY, Color.RED);
        assertColour(image, frame.width() - 1 - redX, frame.height() - 1 - redY, Color.BLUE);
      }
    }
  }

  /** As a camera program writes its header: 600 units a second, each frame one. */
  @ParameterizedTest
  @ValueSource(ints = {600, 1000, 90_000})
  void aRateThatNoCameraHasIsNoGuide(int rate) throws Exception {
    Path clip =
        TestClips.encode(folder.resolve("fast.mjpeg.avi"), FRAMES, 10, ClipReaderTest::shade);
    byte[] bytes = Files.readAllBytes(clip);
    int header = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("strh");
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(header + 28, 1)
        .putInt(header + 32, rate);
    Files.write(clip, bytes);

    try (ClipReader reader = ClipReader.open(clip, 1)) {
      while (reader.next()) {}
      assertThat(reader.isTimeGuessed()).isTrue();
      assertThat(reader.duration()).isCloseTo(FRAMES / 25.0, within(0.01));
    }
  }

  @Test
  void joinedStreamsAreReadToTheEnd() throws Exception {
    Path one = TestClips.encode(folder.resolve("one.ts"), FRAMES, 25, ClipReaderTest::busy);
    byte[] part = Files.readAllBytes(one);
    byte[] both = Arrays.copyOf(part, 2 * part.length);
    System.arraycopy(part, 0, both, part.length, part.length);
    Path joined = Files.write(folder.resolve("joined.ts"), both);

    try (ClipReader reader = ClipReader.open(joined, 1)) {
      while (reader.next()) {}
      assertThat(reader.isTimeGuessed()).isTrue();
      assertThat(reader.duration()).isCloseTo((reader.index() + 1) / 25.0, within(0.2));
    }
  }

  @Test
  void aPictureThatIsTooLargeIsToldWithTheLimit() {
    Path clip =
        TestClips.encode(
            folder.resolve("large.mjpeg.avi"),
            1,
            5,
            i -> new BufferedImage(8000, 6000, BufferedImage.TYPE_3BYTE_BGR));

    assertUnreadable(
        clip,
        "large.mjpeg.avi has pictures of 8000×6000 pixels; at most 40 megapixels are analysed.");
  }

  @Test
  void aFrameInReserveStaysAsItWasWhileOthersAreRead() throws Exception {
    Path clip = TestClips.encode(folder.resolve("reserve.avi"), FRAMES, 25, ClipReaderTest::shade);

    try (ClipReader reader = ClipReader.open(clip, 2)) {
      reader.next();
      reader.next();
      try (ReservedFrame reserved = reader.reserve();
          ClipFrame now = reader.copy()) {
        while (reader.next()) {
          reader.luma();
        }
        try (ClipFrame later = reader.copy(reserved)) {
          assertThat(later.index()).isEqualTo(1);
          assertThat(later.seconds()).isEqualTo(now.seconds()).isEqualTo(reserved.seconds());
          assertThat(later.pixels()).isEqualTo(now.pixels());
        }
      }
    }
  }

  @Test
  void anEmptyFileIsSaidToBeEmpty() throws IOException {
    Path clip = Files.createFile(folder.resolve("empty.avi"));

    assertUnreadable(clip, "empty.avi is empty: it was never written, or the disk was full");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello, this is no video", "x", "<html><body>404</body></html>"})
  void anotherFileIsSaidToBeNoVideo(String content) throws IOException {
    Path clip = Files.writeString(folder.resolve("text.avi"), content);

    assertThatThrownBy(() -> readAll(clip))
        .isInstanceOf(ClipUnreadableException.class)
        .hasMessage(
            "text.avi is not a video that FFmpeg can read (Invalid data found when processing"
                + " input)");
  }

  @Test
  void randomBytesAreNoVideo() throws IOException {
    byte[] bytes = new byte[100_000];
    new Random(1).nextBytes(bytes);
    Path clip = Files.write(folder.resolve("noise.avi"), bytes);

    assertUnreadable(clip, "noise.avi ");
  }

  @Test
  void aSoundFileHoldsNoVideo() throws IOException {
    int samples = 8000;
    ByteBuffer wave = ByteBuffer.allocate(44 + samples).order(ByteOrder.LITTLE_ENDIAN);
    wave.put(ascii("RIFF")).putInt(36 + samples).put(ascii("WAVEfmt ")).putInt(16);
    wave.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(8000);
    wave.putShort((short) 1).putShort((short) 8).put(ascii("data")).putInt(samples);
    Path clip = Files.write(folder.resolve("sound.wav"), wave.array());

    assertUnreadable(clip, "sound.wav is WAV / WAVE (Waveform Audio) (wav), not a video.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nclip.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile clip.ts\n",
        "ffconcat version 1.0\nfile list.m3u8\n"
      })
  void aPlaylistMayNotNameOtherFiles(String content) throws IOException {
    TestClips.encode(folder.resolve("clip.ts"), 50, 25, ClipReaderTest::busy);
    Path list = Files.writeString(folder.resolve("list.m3u8"), content);

    assertUnreadable(list, "list.m3u8 is ");
  }

  @Test
  void aCodecThatNobodyKnowsIsGivenAsTheReason() throws IOException {
    Path clip = TestClips.encode(folder.resolve("odd.avi"), 5, 25, ClipReaderTest::shade);
    String bytes = Files.readString(clip, StandardCharsets.ISO_8859_1);
    Files.writeString(clip, bytes.replace("FMP4", "ZZZZ"), StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> readAll(clip))
        .isInstanceOf(ClipUnreadableException.class)
        .hasMessageStartingWith("odd.avi ")
        .hasMessageContaining("cannot be decoded");
  }

  @ParameterizedTest
  @ValueSource(strings = {"clip.avi", "clip.mkv", "clip.webm"})
  void aClipThatWasCutOffYieldsWhatIsThere(String name) throws Exception {
    Path clip = TestClips.encode(folder.resolve(name), FRAMES, 25, ClipReaderTest::busy);
    cut(clip, 0.5);

    assertThat(readAll(clip)).hasSizeBetween(FRAMES / 4, FRAMES * 3 / 4).isSorted();
  }

  @Test
  void anMp4WithoutItsIndexIsSaidToBeCutOff() throws Exception {
    Path clip = TestClips.encode(folder.resolve("clip.mp4"), FRAMES, 25, ClipReaderTest::busy);
    cut(clip, 0.5);

    assertUnreadable(
        clip, "clip.mp4 was cut off: an MP4 or MOV without its index, which is written last");
  }

  @Test
  void anAviCutOffInItsHeaderIsUnreadable() throws Exception {
    Path clip = TestClips.encode(folder.resolve("clip.avi"), FRAMES, 25, ClipReaderTest::busy);
    Files.write(clip, Arrays.copyOf(Files.readAllBytes(clip), 100));

    assertUnreadable(clip, "clip.avi ");
  }

  @Test
  void damagedFramesAreLeftOutAndCounted() throws Exception {
    Path clip = TestClips.encode(folder.resolve("clip.avi"), FRAMES, 25, ClipReaderTest::busy);
    byte[] bytes = Files.readAllBytes(clip);
    byte[] noise = new byte[bytes.length / 5];
    new Random(1).nextBytes(noise);
    System.arraycopy(noise, 0, bytes, bytes.length / 2, noise.length);
    Files.write(clip, bytes);

    try (ClipReader reader = ClipReader.open(clip, 1)) {
      int read = 0;
      while (reader.next()) {
        read++;
      }
      assertThat(read).isBetween(FRAMES / 2, FRAMES);
      assertThat(reader.damaged()).isPositive();
    }
  }

  @Test
  void aMissingFileIsTheSystemsErrorNotTheClips() {
    assertThatThrownBy(() -> ClipReader.open(folder.resolve("none.avi"), 1))
        .isInstanceOf(NoSuchFileException.class);
  }

  private static List<Double> readAll(Path clip) throws Exception {
    List<Double> seconds = new ArrayList<>();
    try (ClipReader reader = ClipReader.open(clip, 1)) {
      while (reader.next()) {
        seconds.add(reader.seconds());
      }
    }
    return seconds;
  }

  private static void assertUnreadable(Path clip, String message) {
    assertThatThrownBy(() -> readAll(clip))
        .isInstanceOf(ClipUnreadableException.class)
        .hasMessageStartingWith(message);
  }

  private static void assertColour(BufferedImage image, int x, int y, Color expected) {
    Color colour = new Color(image.getRGB(x, y));
    assertThat(colour.getRed()).isCloseTo(expected.getRed(), within(20));
    assertThat(colour.getGreen()).isCloseTo(expected.getGreen(), within(20));
    assertThat(colour.getBlue()).isCloseTo(expected.getBlue(), within(20));
  }

  private static void cut(Path clip, double share) throws IOException {
    byte[] bytes = Files.readAllBytes(clip);
    Files.write(clip, Arrays.copyOf(bytes, (int) (bytes.length * share)));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static BufferedImage shade(int index) {
    BufferedImage image = new BufferedImage(320, 180, BufferedImage.TYPE_3BYTE_BGR);
    var graphics = image.createGraphics();
    int value = 40 + 4 * index;
    graphics.setColor(new Color(value, value, value));
    graphics.fillRect(0, 0, 320, 180);
    graphics.dispose();
    return image;
  }

  /** Frames that differ so much that each takes its share of the file. */
  private static BufferedImage busy(int index) {
    BufferedImage image = new BufferedImage(320, 180, BufferedImage.TYPE_3BYTE_BGR);
    Random random = new Random(index);
    var graphics = image.createGraphics();
    for (int i = 0; i < 60; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillRect(random.nextInt(320), random.nextInt(180), 40, 30);
    }
    graphics.dispose();
    return image;
  }
}
