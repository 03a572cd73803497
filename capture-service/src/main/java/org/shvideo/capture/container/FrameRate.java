package org.shvideo.capture.container;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.shvideo.capture.stream.Packet;

/**
 * A frame rate as a fraction, as AVI stores it: a number of frames in a number of seconds, neither
 * above 65,535, the limit of MPEG-4's time base.
 */
public record FrameRate(int frames, int seconds) {
  private static final double MIN_RATE = 0.1;
  private static final double MAX_RATE = 1000;
  private static final int MAX_TERM = 65_535;

  /** If nothing is known. */
  private static final FrameRate DEFAULT = new FrameRate(25, 1);

  /** With fewer intervals the declared rate is used. */
  private static final int MIN_INTERVALS = 5;

  /** A measured rate is replaced by the declared or a whole one with at most this difference. */
  private static final double TOLERANCE = 0.01;

  /** Share of intervals close to the median from which on a camera is regular. */
  private static final double MIN_REGULAR_SHARE = 0.8;

  /** Relative difference of an interval that is close to the median. */
  private static final double MAX_JITTER = 0.1;

  public static FrameRate of(double framesPerSecond) {
    double rate = Math.min(Math.max(framesPerSecond, MIN_RATE), MAX_RATE);
    double ntsc = rate * 1.001; // 30000/1001 and the like
    if (Math.abs(ntsc - Math.rint(ntsc)) < 1e-3 && ntsc < MAX_TERM / 1000.0) {
      return reduced(Math.round(ntsc) * 1000, 1001);
    }
    int seconds = 1000;
    while (rate * seconds > MAX_TERM && rate != Math.rint(rate)) {
      seconds /= 10;
    }
    return reduced(Math.round(rate * seconds), seconds);
  }

  private static FrameRate reduced(long frames, long seconds) {
    long divisor = BigInteger.valueOf(frames).gcd(BigInteger.valueOf(seconds)).longValueExact();
    return new FrameRate(Math.toIntExact(frames / divisor), Math.toIntExact(seconds / divisor));
  }

  /**
   * Whether {@link #of} may have returned it; FFmpeg cannot read an AVI file of some other rates.
   */
  public boolean isPlausible() {
    return framesPerSecond() >= MIN_RATE && framesPerSecond() <= MAX_RATE;
  }

  /**
   * The actual rate of a camera. If it is regular, the average of the regular intervals, which
   * ignores missing frames; otherwise the average of all, because arrival times jitter.
   *
   * @param packets some seconds of them, in order
   * @param declared by the stream, in frames per second; 0 if unknown
   */
  public static FrameRate measured(List<Packet> packets, double declared) {
    int count = packets.size() - 1;
    if (count < MIN_INTERVALS) {
      return declared > 0 ? of(declared) : DEFAULT;
    }
    long[] intervals = new long[count];
    for (int i = 0; i < count; i++) {
      intervals[i] = packets.get(i + 1).dtsMicros() - packets.get(i).dtsMicros();
    }
    long[] sorted = intervals.clone();
    Arrays.sort(sorted);
    long median = sorted[count / 2];
    long[] regular =
        Arrays.stream(intervals)
            .filter(interval -> Math.abs(interval - median) <= MAX_JITTER * median)
            .toArray();
    long[] relevant = regular.length >= MIN_REGULAR_SHARE * count ? regular : intervals;
    double rate = 1e6 / Arrays.stream(relevant).average().orElseThrow();
    if (declared > 0 && Math.abs(rate / declared - 1) < TOLERANCE) {
      return of(declared);
    }
    return nearlyWhole(rate);
  }

  /** A measured rate, rounded if it is nearly a whole number. */
  static FrameRate nearlyWhole(double rate) {
    double whole = Math.rint(rate);
    return of(Math.abs(rate / whole - 1) < TOLERANCE ? whole : rate);
  }

  public double framesPerSecond() {
    return (double) frames / seconds;
  }

  /** From one frame to the next, in microseconds. */
  public long frameMicros() {
    return Math.round(1e6 / framesPerSecond());
  }
}
