package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.container.Container;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.Packet.SpeedCorrection;
import org.shvideo.capture.testing.Footage;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.capture.testing.Samples;

class CopyClipWriterTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {10, 15, 25})
  void copiesH264BitForBit(int frameRate) throws IOException {
    try (Footage footage = Footage.h264(frameRate, frameRate, 4 * frameRate)) {
      RecordedClip clip = copied(footage);

      assertThat(clip.codec()).isEqualTo("h264");
      assertThat(clip.tag()).isEqualTo("H264");
      assertThat(clip.data()).containsExactlyElementsOf(footage.data());
      assertThat(clip.keyframes()).isEqualTo(keyframes(footage));
      assertThat(clip.frameRate()).isEqualTo(frameRate);
      assertThat(clip.seconds()).isCloseTo(4, within(0.001));
      assertThat(clip.decoded()).isEqualTo(footage.size());
    }
  }

  @Test
  void copiesMpeg4WithBFramesBitForBit() throws IOException {
    try (Footage footage = Footage.mpeg4(15, 15, 60)) {
      RecordedClip clip = copied(footage);

      assertThat(clip.codec()).isEqualTo("mpeg4");
      assertThat(clip.tag()).isEqualTo("XVID");
      assertThat(clip.data()).containsExactlyElementsOf(footage.data());
      assertThat(clip.keyframes()).isEqualTo(keyframes(footage));
      assertThat(clip.frameRate()).isEqualTo(15);
      assertThat(clip.seconds()).isCloseTo(4, within(0.001));
      assertThat(clip.decoded()).isEqualTo(footage.size());
    }
  }

  @Test
  void copiesMjpegBitForBit() throws IOException {
    try (Footage footage = Footage.mjpeg(10, 30)) {
      RecordedClip clip = copied(footage);

      assertThat(clip.tag()).isEqualTo("MJPG");
      assertThat(clip.data()).containsExactlyElementsOf(footage.data());
      assertThat(clip.keyframes()).containsOnly(true);
      assertThat(clip.seconds()).isCloseTo(3, within(0.001));
      assertThat(clip.decoded()).isEqualTo(footage.size());
    }
  }

  @Test
  void convertsLengthPrefixedH264ToStartCodes() throws IOException {
    try (Footage footage = Footage.of(Samples.file("h264-b-frames.mp4"))) {
      RecordedClip clip = copied(footage);

      assertThat(clip.data()).hasSameSizeAs(footage.data());
      for (int i = 0; i < footage.size(); i++) {
        List<byte[]> pictures = pictures(NalUnits.afterStartCodes(clip.data().get(i)));
        assertThat(pictures)
            .containsExactlyElementsOf(pictures(NalUnits.afterLengths(footage.data().get(i))))
            .isNotEmpty();
      }
      assertThat(clip.keyframes()).isEqualTo(keyframes(footage));
      assertThat(clip.frameRate()).isEqualTo(15);
      assertThat(clip.seconds()).isCloseTo(4, within(0.001));
      assertThat(clip.decoded()).isEqualTo(60);
    }
  }

  /** From start codes, as over RTSP, or from lengths, as in a file. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void copiesH265BitForBitIntoMatroska(boolean startCodes) throws IOException {
    try (Footage original = Footage.of(Samples.file("hevc.mp4"));
        Footage footage = startCodes ? original.withStartCodes() : original) {
      Path file = copy(footage, "clip.mkv");
      RecordedClip clip = RecordedClip.read(file);

      assertThat(clip.codec()).isEqualTo("hevc");
      assertThat(clip.data()).hasSameSizeAs(original.data());
      for (int i = 0; i < original.size(); i++) {
        assertThat(NalUnits.afterLengths(clip.data().get(i)))
            .containsExactlyElementsOf(
                startCodes
                    ? NalUnits.afterStartCodes(footage.data().get(i))
                    : NalUnits.afterLengths(original.data().get(i)))
            .isNotEmpty();
      }
      assertThat(clip.keyframes()).isEqualTo(keyframes(original));
      assertThat(clip.seconds()).isCloseTo(5, within(0.2)); // the first frame waits for B-frames
      assertThat(clip.decoded()).isEqualTo(60);
      assertThat(clip.metadata()).containsEntry("title", "двері");
      assertThat(Container.MATROSKA.isComplete(file)).isTrue();
    }
  }

  /** Each frame has its time, also after that was corrected, whatever the rate does. */
  @Test
  void timesInMatroskaAreExactAndMayBeCorrectedLater() throws IOException {
    Path file = folder.resolve("clip.mkv");
    SpeedCorrection correction = new SpeedCorrection(9_940_000, 2);
    List<Long> shown = new ArrayList<>();
    try (Footage footage = Footage.of(Samples.file("hevc.mp4"));
        CopyClipWriter writer = writer(file, footage, new FrameRate(12, 1))) {
      for (int i = 0; i < footage.size(); i++) {
        try (Packet packet = footage.packet(i, 7_000_000 + 100_000L * i + i % 3 * 20_000L)) {
          writer.write(packet);
          shown.add(packet.ptsMicros());
        }
        if (i == 29) {
          writer.retime(correction);
          shown.replaceAll(correction::applyAsLong);
        }
      }
    }
    shown.sort(null);
    List<Double> times = RecordedClip.times(file);
    assertThat(times).hasSameSizeAs(shown);
    for (int i = 0; i < times.size(); i++) {
      assertThat(times.get(i) - times.get(0))
          .as("frame %d", i)
          .isCloseTo((shown.get(i) - shown.get(0)) / 1e6, within(0.001));
    }
  }

  /** What was recorded before the stream's true speed was known. */
  @ParameterizedTest(name = "{0} frames/s stamped as {1} for 50 frames")
  @CsvSource({"12.5, 25", "25, 12.5", "6, 25", "30, 25", "20, 25"})
  void timesMayBeCorrectedLater(double real, double nominal) throws IOException {
    Path file = folder.resolve("clip.avi");
    SpeedCorrection correction =
        new SpeedCorrection(Math.round(49 * 1e6 / nominal), nominal / real);
    try (Footage footage = Footage.h264(25, 25, 150)) {
      FrameRate assumed = new FrameRate((int) (nominal * 2), 2);
      try (CopyClipWriter writer =
          new CopyClipWriter(file, footage.info().parameters(), assumed, Map.of())) {
        for (int i = 0; i < 150; i++) {
          double micros = 49 * 1e6 / nominal + (i - 49) * 1e6 / (i < 50 ? nominal : real);
          try (Packet packet = footage.packet(i, Math.round(micros))) {
            writer.write(packet);
          }
          if (i == 49) {
            writer.retime(correction);
          }
        }
      }
      RecordedClip clip = RecordedClip.read(file);
      assertThat(clip.data()).containsExactlyElementsOf(footage.data());
      assertThat(clip.seconds()).isCloseTo(150 / real, withinPercentage(1));
      List<Long> slots = clip.slots();
      for (int i = 0; i < 150; i++) {
        assertThat(slots.get(i) / clip.frameRate()).isCloseTo(i / real, within(1 / real));
      }
    }
  }

  @Test
  void missingFramesKeepTheirTime() throws IOException {
    try (Footage footage = Footage.h264(25, 25, 100)) {
      RecordedClip clip =
          copied(footage, new FrameRate(25, 1), i -> i < 30 ? i * 40_000L : (i + 50) * 40_000L);

      assertThat(clip.data()).containsExactlyElementsOf(footage.data());
      assertThat(clip.slots())
          .isEqualTo(LongStream.range(0, 100).map(i -> i < 30 ? i : i + 50).boxed().toList());
      assertThat(clip.frameRate()).isEqualTo(25);
      assertThat(clip.seconds()).isCloseTo(6, within(0.001));
    }
  }

  @Test
  void correctsATooLowRate() throws IOException {
    try (Footage footage = Footage.h264(25, 25, 100)) {
      RecordedClip clip = copied(footage, new FrameRate(12, 1), i -> i * 40_000L);

      assertThat(clip.data()).containsExactlyElementsOf(footage.data());
      assertThat(clip.frameRate()).isEqualTo(25);
      assertThat(clip.seconds()).isCloseTo(4, within(0.001));
      assertThat(clip.decoded()).isEqualTo(100);
    }
  }

  @Test
  void driftingMjpegKeepsItsLength() throws IOException {
    try (Footage footage = Footage.mjpeg(10, 200)) {
      // From 10 frames a second to 20 and back to 5.
      long[] at = new long[footage.size()];
      for (int i = 1; i < at.length; i++) {
        at[i] = at[i - 1] + (i < 50 ? 100_000 : i < 150 ? 50_000 : 200_000);
      }

      RecordedClip clip = copied(footage, new FrameRate(10, 1), i -> at[i]);

      assertThat(clip.data()).containsExactlyElementsOf(footage.data());
      assertThat(clip.seconds()).isCloseTo(at[at.length - 1] / 1e6, within(0.3));
    }
  }

  /** As of a camera that saves frames while nothing happens, and of ones that vary otherwise. */
  @ParameterizedTest(name = "{0} ms a frame")
  @ValueSource(strings = {"160 40", "160 40 160 40", "40 160 40", "200 100 50", "1000 66.7 1000"})
  void eachFrameHasItsTimeWhateverTheRateDoes(String phases) throws IOException {
    double[] millis = Arrays.stream(phases.split(" ")).mapToDouble(Double::parseDouble).toArray();
    try (Footage footage = Footage.h264(25, 25, 200)) {
      long[] at = new long[footage.size()];
      for (int i = 1; i < at.length; i++) {
        at[i] = at[i - 1] + Math.round(millis[i * millis.length / at.length] * 1000);
      }
      double step = Arrays.stream(millis).min().orElseThrow() / 1000;

      RecordedClip clip = copied(footage, FrameRate.of(1000 / millis[0]), i -> at[i]);

      assertThat(clip.data()).containsExactlyElementsOf(footage.data());
      assertThat(clip.keyframes()).isEqualTo(keyframes(footage));
      assertThat(clip.metadata()).containsEntry("title", "двері");
      for (int i = 0; i < at.length; i++) {
        assertThat(clip.slots().get(i) / clip.frameRate())
            .as("frame %d", i)
            .isCloseTo(at[i] / 1e6, within(step));
      }
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files).containsExactly(folder.resolve("clip.avi"));
      }
    }
  }

  @Test
  void writesMetadata() throws IOException {
    try (Footage footage = Footage.mjpeg(10, 5)) {
      assertThat(copied(footage).metadata()).containsEntry("title", "двері");
    }
  }

  @Test
  void truncatedFileLosesAtMostTheLastSecond() throws IOException {
    Path file = folder.resolve("clip.avi");
    try (Footage footage = Footage.h264(25, 25, 200);
        CopyClipWriter writer = writer(file, footage, new FrameRate(25, 1))) {
      for (int i = 0; i < footage.size(); i++) {
        try (Packet packet = footage.packet(i)) {
          writer.write(packet);
        }
        if (i % 40 == 39) {
          // As another process finds it when this one is killed now.
          RecordedClip cut = RecordedClip.read(Files.copy(file, folder.resolve(i + ".avi")));
          assertThat(cut.data()).hasSizeBetween(i - 25, i + 1);
          assertThat(cut.data().subList(0, i - 25))
              .containsExactlyElementsOf(footage.data().subList(0, i - 25));
        }
      }
    }
  }

  private RecordedClip copied(Footage footage) throws IOException {
    return RecordedClip.read(copy(footage, "clip.avi"));
  }

  private Path copy(Footage footage, String name) throws IOException {
    FrameRate rate = FrameRate.of(footage.info().frameRate());
    Path file = folder.resolve(name);
    try (CopyClipWriter writer = writer(file, footage, rate)) {
      for (int i = 0; i < footage.size(); i++) {
        try (Packet packet = footage.packet(i)) {
          writer.write(packet);
        }
      }
      assertThat(writer.written()).isEqualTo(footage.size());
    }
    return file;
  }

  private RecordedClip copied(Footage footage, FrameRate rate, IntToLongFunction dtsMicros)
      throws IOException {
    Path file = folder.resolve("clip.avi");
    try (CopyClipWriter writer = writer(file, footage, rate)) {
      for (int i = 0; i < footage.size(); i++) {
        try (Packet packet = footage.packet(i, dtsMicros.applyAsLong(i))) {
          writer.write(packet);
        }
      }
    }
    return RecordedClip.read(file);
  }

  private static CopyClipWriter writer(Path file, Footage footage, FrameRate rate)
      throws IOException {
    return new CopyClipWriter(file, footage.info().parameters(), rate, Map.of("title", "двері"));
  }

  private static List<Boolean> keyframes(Footage footage) {
    return IntStream.range(0, footage.size()).mapToObj(footage::keyframe).toList();
  }

  /** Without parameter sets and delimiters, which the container may add. */
  private static List<byte[]> pictures(List<byte[]> nalUnits) {
    return nalUnits.stream().filter(unit -> (unit[0] & 31) <= 6).toList();
  }

  /** The two ways of H.264 to say where one NAL unit ends. */
  private static final class NalUnits {
    static List<byte[]> afterLengths(byte[] data) {
      List<byte[]> units = new ArrayList<>();
      for (int at = 0; at < data.length; ) {
        int length = java.nio.ByteBuffer.wrap(data).getInt(at);
        units.add(Arrays.copyOfRange(data, at + 4, at + 4 + length));
        at += 4 + length;
      }
      return units;
    }

    static List<byte[]> afterStartCodes(byte[] data) {
      List<byte[]> units = new ArrayList<>();
      int begin = -1;
      for (int at = 0; at <= data.length; at++) {
        boolean code =
            at + 3 <= data.length && data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1;
        if (code || at == data.length) {
          if (begin >= 0) {
            int end = code && data[at - 1] == 0 ? at - 1 : at;
            units.add(Arrays.copyOfRange(data, begin, end));
          }
          begin = at + 3;
        }
      }
      return units;
    }
  }
}
