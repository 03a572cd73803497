package org.shvideo.capture.avi;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.shvideo.capture.stream.Packet;

/**
 * A frame rate as the fraction that AVI holds: so many frames in so many seconds, neither above
 * 65,535, which is the bound of MPEG-4's time base.
 */
public record FrameRate(int frames, int seconds) {
  private static final double LEAST = 0.1;
  private static final double MOST = 1000;
  private static final int LARGEST = 65_535;

  /** Where nothing is known. */
  private static final FrameRate USUAL = new FrameRate(25, 1);

  /** Intervals needed before measuring says more than what the stream declares. */
  private static final int ENOUGH = 5;

  /** A measured rate this near to the declared or a whole one is taken to mean that one. */
  private static final double SAME = 0.01;

  /** Share of intervals that must be alike for a camera to count as regular, and how alike. */
  private static final double MOST_ALIKE = 0.8;

  private static final double ALIKE = 0.1;

  public static FrameRate of(double framesASecond) {
    double rate = Math.min(Math.max(framesASecond, LEAST), MOST);
    double ntsc = rate * 1.001; // 30000/1001 and its kin
    if (Math.abs(ntsc - Math.rint(ntsc)) < 1e-3 && ntsc < LARGEST / 1000.0) {
      return reduced(Math.round(ntsc) * 1000, 1001);
    }
    int seconds = 1000;
    while (rate * seconds > LARGEST && rate != Math.rint(rate)) {
      seconds /= 10;
    }
    return reduced(Math.round(rate * seconds), seconds);
  }

  private static FrameRate reduced(long frames, long seconds) {
    long divisor = BigInteger.valueOf(frames).gcd(BigInteger.valueOf(seconds)).longValueExact();
    return new FrameRate(Math.toIntExact(frames / divisor), Math.toIntExact(seconds / divisor));
  }

  /**
   * The rate at which a camera really sends: of the intervals that are alike when nearly all are
   * (missing frames then count for nothing), else on average (arrival times that jitter).
   *
   * @param packets in order; a few seconds of them
   * @param declared by the stream, frames a second; 0 when unknown
   */
  public static FrameRate measured(List<Packet> packets, double declared) {
    int count = packets.size() - 1;
    if (count < ENOUGH) {
      return declared > 0 ? of(declared) : USUAL;
    }
    long[] intervals = new long[count];
    for (int i = 0; i < count; i++) {
      intervals[i] = packets.get(i + 1).dtsMicros() - packets.get(i).dtsMicros();
    }
    long[] sorted = intervals.clone();
    Arrays.sort(sorted);
    long median = sorted[count / 2];
    long[] alike =
        Arrays.stream(intervals)
            .filter(interval -> Math.abs(interval - median) <= ALIKE * median)
            .toArray();
    long[] relevant = alike.length >= MOST_ALIKE * count ? alike : intervals;
    double rate = 1e6 / Arrays.stream(relevant).average().orElseThrow();
    if (declared > 0 && Math.abs(rate / declared - 1) < SAME) {
      return of(declared);
    }
    double whole = Math.rint(rate);
    return of(Math.abs(rate / whole - 1) < SAME ? whole : rate);
  }

  public double framesASecond() {
    return (double) frames / seconds;
  }
}
