package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampNormalizerTest {
  private static final long SECOND = 1_000_000;
  private static final long FRAME = 40_000;

  @ParameterizedTest
  @ValueSource(ints = {10, 15, 25, 30})
  void keepsGoodTimestampsAndBeginsAtZero(int fps) {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    Random jitter = new Random(1);
    long raw = 95_443_717_000L;
    for (int i = 0; i < fps * 10; i++) {
      long stamp = raw + i * SECOND / fps;
      normalizer.accept(stamp, stamp, i * SECOND / fps + jitter.nextInt(300_000));

      assertThat(normalizer.dts()).isEqualTo(i * SECOND / fps);
      assertThat(normalizer.pts()).isEqualTo(normalizer.dts());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 15, 25})
  void usesArrivalTimesForMadeUpTimestamps(int fps) {
    TimestampNormalizer normalizer = new TimestampNormalizer(true, 0);
    for (int i = 0; i <= fps * 10; i++) {
      normalizer.accept(i * FRAME, i * FRAME, 77 + i * SECOND / fps);
    }

    assertThat(normalizer.dts()).isBetween(10 * SECOND - 1, 10 * SECOND + 1);
  }

  @Test
  void simultaneousPacketsHaveIncreasingTimes() {
    TimestampNormalizer normalizer = new TimestampNormalizer(true, 0);

    assertThat(dts(normalizer, new long[] {0, 0, 0, 1}, new long[] {5, 5, 5, 40_005}))
        .containsExactly(0L, 1000L, 2000L, 40_000L);
  }

  @Test
  void repeatedTimestampIsReplacedByArrival() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);

    assertThat(
            dts(
                normalizer,
                new long[] {0, FRAME, FRAME, 3 * FRAME},
                new long[] {0, FRAME, 2 * FRAME, 3 * FRAME}))
        .containsExactly(0L, FRAME, 2 * FRAME, 3 * FRAME);
  }

  @Test
  void stoppedClockIsReplacedByArrival() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    for (int i = 0; i <= 250; i++) {
      normalizer.accept(4711, 4711, i * FRAME);
    }

    assertThat(normalizer.dts()).isEqualTo(250 * FRAME);
  }

  @Test
  void clockSetBackContinuesWithoutAGap() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    long back = 3600 * SECOND;

    assertThat(
            dts(
                normalizer,
                new long[] {back, back + FRAME, 7, 7 + FRAME, 7 + 2 * FRAME},
                new long[] {0, FRAME, 2 * FRAME, 3 * FRAME + 30_000, 4 * FRAME - 20_000}))
        .containsExactly(0L, FRAME, 2 * FRAME, 3 * FRAME, 4 * FRAME);
  }

  @Test
  void jumpAheadIsRemoved() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    long ahead = 47_721 * SECOND;

    assertThat(
            dts(
                normalizer,
                new long[] {0, FRAME, ahead, ahead + FRAME},
                new long[] {0, FRAME, 2 * FRAME, 3 * FRAME}))
        .containsExactly(0L, FRAME, 2 * FRAME, 3 * FRAME);
  }

  @Test
  void realGapIsKept() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);

    assertThat(
            dts(
                normalizer,
                new long[] {0, FRAME, 8 * SECOND, 8 * SECOND + FRAME},
                new long[] {0, FRAME, 8 * SECOND - 100_000, 8 * SECOND + FRAME}))
        .containsExactly(0L, FRAME, 8 * SECOND, 8 * SECOND + FRAME);
  }

  @Test
  void delayedReaderChangesNothing() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    long late = 9 * SECOND;

    assertThat(
            dts(
                normalizer,
                new long[] {0, FRAME, 2 * FRAME, 3 * FRAME},
                new long[] {0, late, late, late}))
        .containsExactly(0L, FRAME, 2 * FRAME, 3 * FRAME);
  }

  @Test
  void missingTimestampsFollowByArrival() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    long none = AV_NOPTS_VALUE;

    assertThat(
            dts(
                normalizer,
                new long[] {none, none, none, 900 * SECOND},
                new long[] {7, 7 + FRAME, 7 + 2 * FRAME, 7 + 3 * FRAME}))
        .containsExactly(0L, FRAME, 2 * FRAME, 3 * FRAME);
  }

  @Test
  void reorderedFramesKeepTheirTimes() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, FRAME);
    // I0 P3 B1 B2: FFmpeg leaves the first decoding stamp of an RTSP stream out.
    long[] dts = {AV_NOPTS_VALUE, 100 * FRAME, 101 * FRAME, 102 * FRAME};
    long[] pts = {100 * FRAME, 103 * FRAME, 101 * FRAME, 102 * FRAME};
    List<Long> decoded = new ArrayList<>();
    List<Long> shown = new ArrayList<>();
    for (int i = 0; i < dts.length; i++) {
      normalizer.accept(dts[i], pts[i], i * FRAME);
      decoded.add(normalizer.dts());
      shown.add(normalizer.pts());
    }

    assertThat(decoded).containsExactly(0L, FRAME, 2 * FRAME, 3 * FRAME);
    assertThat(shown).containsExactly(FRAME, 4 * FRAME, 2 * FRAME, 3 * FRAME);
  }

  /** A camera that counts its frames at a nominal rate. */
  @ParameterizedTest(name = "{0} frames/s stamped as {1}, {2} at a time")
  @CsvSource({
    "12.5, 25, 1",
    "12.5, 25, 5",
    "25, 12.5, 1",
    "25, 12.5, 10",
    "20, 25, 1",
    "15, 25, 3",
    "24, 30, 1",
    "25, 20, 5",
    "6, 25, 1",
    "50, 25, 1",
    "1, 25, 1",
  })
  void nominalRateIsCorrected(double real, double nominal, int burst) {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    Random jitter = new Random(3);
    long begin = 0;
    int last = (int) (60 * real);
    for (int i = 0; i <= last; i++) {
      long stamp = Math.round(i * SECOND / nominal);
      int sent = i / burst * burst + burst - 1;
      normalizer.accept(stamp, stamp, Math.round(sent * SECOND / real) + jitter.nextInt(20_000));
      if (i == (int) (25 * real)) {
        begin = normalizer.dts();
      }
    }

    double seconds = (last - (int) (25 * real)) / real;
    assertThat((normalizer.dts() - begin) / 1e6).isCloseTo(seconds, withPercentage(2));
  }

  /** On a busy machine and network, too, and soon. */
  @ParameterizedTest(name = "{0} frames/s stamped as {1}, {2} ms of jitter, after {3} s")
  @CsvSource({
    "12.5, 25, 20, 5",
    "25, 12.5, 20, 5",
    "6, 25, 50, 5",
    "25, 10, 100, 6",
    "12.5, 25, 100, 8",
    "12.5, 25, 400, 16",
    "25, 15, 400, 16",
    "20, 25, 100, 16",
    "30, 25, 100, 16",
  })
  void nominalRateIsCorrectedSoon(double real, double nominal, int milliseconds, int after) {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    Random jitter = new Random(8);
    List<Long> times = new ArrayList<>();
    long begin = 0;
    int last = (int) ((after + 10) * real);
    for (int i = 0; i <= last; i++) {
      long stamp = Math.round(i * SECOND / nominal);
      normalizer.accept(
          stamp, stamp, Math.round(i * SECOND / real) + jitter.nextInt(milliseconds * 1_000));
      begin = i == (int) (after * real) ? normalizer.dts() : begin;
      times.add(normalizer.dts());
      if (normalizer.correction() != null) {
        times.replaceAll(normalizer.correction()::applyAsLong);
      }
    }
    assertThat((times.get(last) - times.get(0)) / 1e6)
        .as("with what was corrected afterwards")
        .isCloseTo(last / real, withPercentage(3));

    double seconds = (last - (int) (after * real)) / real;
    assertThat((normalizer.dts() - begin) / 1e6).isCloseTo(seconds, withPercentage(5));
  }

  /** At night, after half a minute of true timestamps. */
  @ParameterizedTest(name = "{0} frames/s stamped as 25, {1} at a time")
  @CsvSource({"12.5, 1", "12.5, 5", "12.5, 10", "6.25, 1", "20, 1"})
  void aNominalRateThatBeginsLaterIsCorrected(double real, int burst) {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    Random jitter = new Random(10);
    long begin = 0;
    double seconds = 0;
    for (int i = 0; i < 750 + 50 * real; i++) {
      int sent = i / burst * burst + burst - 1;
      double arrival = sent < 750 ? sent / 25.0 : 30 + (sent - 750) / real;
      normalizer.accept(
          i * FRAME, i * FRAME, Math.round(arrival * SECOND) + jitter.nextInt(20_000));
      if (i == 750 + (int) (30 * real)) {
        begin = normalizer.dts();
      }
      seconds = (i - 750 - (int) (30 * real)) / real;
    }
    assertThat((normalizer.dts() - begin) / 1e6).isCloseTo(seconds, withPercentage(5));
  }

  /** A camera that sets its clock every few seconds, in mid-burst too. */
  @ParameterizedTest(name = "{0} s every {1} s, {2} at a time")
  @CsvSource({
    "0.3, 5, 1",
    "-0.3, 5, 1",
    "1, 5, 1",
    "-1, 5, 10",
    "1, 7, 10",
    "3, 5, 5",
    "5, 5, 1",
    "-5, 3, 3",
    "60, 10, 1",
    "-60, 10, 5",
    "4.9, 3, 1",
  })
  void clockStepsAreRemoved(double step, double every, int burst) {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    Random jitter = new Random(4);
    for (int i = 0; i <= 750; i++) {
      long stamp = i * FRAME + Math.round(Math.floor(i / 25.0 / every) * step * SECOND);
      int sent = i / burst * burst + burst - 1;
      normalizer.accept(stamp, stamp, sent * FRAME + jitter.nextInt(20_000));

      assertThat(normalizer.dts()).isBetween(i * FRAME - 200_000, i * FRAME + 200_000);
    }
  }

  /** The network lets nothing through for some time, and what was sent meanwhile is lost. */
  @ParameterizedTest
  @ValueSource(longs = {300_000, 1_000_000, 4_000_000, 20_000_000})
  void gapsAreKept(long gap) {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    Random jitter = new Random(5);
    long at = 0;
    for (int i = 0; i <= 1500; i++) {
      at += i % 200 == 199 ? gap : FRAME;
      normalizer.accept(at, at, at + jitter.nextInt(30_000) + (i % 40 < 10 ? 400_000 : 0));

      assertThat(normalizer.dts()).isEqualTo(at - FRAME);
    }
  }

  /** The network lets through less than the camera sends, for a while, and then catches up. */
  @ParameterizedTest
  @CsvSource({"1.2, 11", "1.3, 10", "1.5, 3", "2, 5", "4, 2"})
  void aNetworkThatIsTooSlowChangesNothing(double slower, int seconds) {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    Random jitter = new Random(9);
    double arrival = 0;
    for (int i = 0; i <= 5000; i++) {
      boolean slow = i % 1000 >= 500 && i % 1000 < 500 + seconds * 25;
      arrival = Math.max((double) i * FRAME, arrival + (slow ? FRAME * slower : FRAME / 2.0));
      normalizer.accept(i * FRAME, i * FRAME, Math.round(arrival) + jitter.nextInt(20_000));

      assertThat(normalizer.dts()).isEqualTo(i * FRAME);
    }
  }

  @Test
  void congestionChangesNothing() {
    TimestampNormalizer normalizer = new TimestampNormalizer(false, 0);
    Random random = new Random(6);
    double delay = 0;
    for (int i = 0; i <= 5000; i++) {
      delay = Math.max(0, delay + (i / 250 % 2 == 0 ? 1 : -1) * random.nextInt(15_000));
      normalizer.accept(i * FRAME, i * FRAME, i * FRAME + Math.round(delay));

      assertThat(normalizer.dts()).isEqualTo(i * FRAME);
    }
  }

  @Test
  void timesIncreaseWhateverTheTimestamps() {
    Random random = new Random(20260223);
    for (boolean byArrival : new boolean[] {false, true}) {
      TimestampNormalizer normalizer = new TimestampNormalizer(byArrival, FRAME);
      long last = -1;
      long arrival = 0;
      for (int i = 0; i < 20_000; i++) {
        arrival += random.nextInt(100_000);
        normalizer.accept(wild(random, arrival), wild(random, arrival), arrival);

        assertThat(normalizer.dts()).isGreaterThan(last);
        assertThat(normalizer.pts())
            .isBetween(normalizer.dts(), normalizer.dts() + TimestampNormalizer.MAX_JUMP);
        last = normalizer.dts();
      }
      assertThat(last).isBetween(arrival / 2, arrival * 2);
    }
  }

  private static long wild(Random random, long arrival) {
    return switch (random.nextInt(20)) {
      case 0 -> AV_NOPTS_VALUE;
      case 1 -> random.nextLong(1L << 40) - (1L << 39);
      case 2 -> 0;
      default -> arrival;
    };
  }

  private static List<Long> dts(TimestampNormalizer normalizer, long[] raw, long[] arrivals) {
    List<Long> placed = new ArrayList<>();
    for (int i = 0; i < raw.length; i++) {
      normalizer.accept(raw[i], raw[i], arrivals[i]);
      placed.add(normalizer.dts());
    }
    return placed;
  }
}
