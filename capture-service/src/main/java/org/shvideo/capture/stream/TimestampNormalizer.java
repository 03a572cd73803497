package org.shvideo.capture.stream;

import static org.shvideo.ffmpeg.Packets.NO_TIMESTAMP;

import java.util.Arrays;
import org.shvideo.ffmpeg.Packets;

/**
 * Turns the timestamps of a stream into times that can be recorded: they begin at 0, decoding times
 * strictly increase, no packet is shown before it is decoded, and durations are real. Pure
 * arithmetic in microseconds; not thread-safe.
 *
 * <p>A camera's timestamps are better than arrival times, which have network jitter and come in
 * bursts after a stall, so they are kept wherever they are plausible. They are not in these cases:
 *
 * <ul>
 *   <li>HTTP MJPEG has none, and FFmpeg makes them up for 25 frames/s: {@code byArrival} uses the
 *       arrival times instead.
 *   <li>A timestamp is missing: the time since the last packet is that between their arrivals.
 *       (FFmpeg omits the first ones of an RTSP stream with B-frames.)
 *   <li>A timestamp repeats: likewise. If timestamps stay behind, because the camera's clock
 *       stopped, they get a new offset.
 *   <li>The camera's clock was set: timestamps go back, or so far ahead that the packet would have
 *       arrived earlier than the least delay of the last seconds allows. They get a new offset. A
 *       jump as long as the wait for the packet was a real gap and is kept.
 *   <li>Timestamps run too fast or too slow, as of cameras that count frames at a nominal rate:
 *       when the least delay has grown or shrunk steadily for fifteen seconds, time is scaled.
 * </ul>
 */
final class TimestampNormalizer {
  /** A packet is not shown later than this after it is decoded. */
  static final long MAX_JUMP = 5_000_000;

  /** Timestamps further behind get a new offset. */
  static final long MAX_LAG = 500_000;

  /** Time between packets with the same timestamp; no camera is faster. */
  static final long MIN_STEP = 1_000;

  /** Smaller steps of the camera's clock are not told from the network's jitter. */
  static final long MIN_CLOCK_STEP = 200_000;

  /** The least delay is measured in windows of this length, of which the last few are compared. */
  private static final long WINDOW = 3_000_000;

  private static final int WINDOWS = 5;

  /** Speeds that differ less are those of clocks. */
  private static final double MIN_DRIFT = 0.05;

  /** A speed that is corrected already is corrected further from this difference on. */
  private static final double MIN_FURTHER_DRIFT = 0.005;

  private final boolean byArrival;
  private final long delay;

  private boolean begun;
  private long lastRaw;
  private long lastArrival;

  /** The last timestamp, as a time of this stream. */
  private long mapped;

  /** Time between the last two good timestamps. */
  private long interval = MIN_STEP;

  /** The longest wait for a packet, of late. */
  private long longestWait;

  private double speed = 1;

  /** The most by which a packet's time was ahead of its arrival, and when, in each window. */
  private final long[] leads = new long[WINDOWS];

  private final long[] leadTimes = new long[WINDOWS];
  private int windows;
  private long windowBegan;
  private long dts;
  private long pts;

  /**
   * @param byArrival whether to ignore the stream's timestamps
   * @param delay from decoding a frame to showing it; 0 without B-frames
   */
  TimestampNormalizer(boolean byArrival, long delay) {
    this.byArrival = byArrival;
    this.delay = delay;
  }

  /**
   * Takes the next packet; then {@link #dts} and {@link #pts} are its times.
   *
   * @param rawDts the stream's timestamp, or {@link Packets#NO_TIMESTAMP}
   * @param rawPts likewise
   * @param arrival by any monotonic clock
   */
  void accept(long rawDts, long rawPts, long arrival) {
    long passed = begun ? Math.max(arrival - lastArrival, 0) : 0;
    long raw = byArrival ? arrival : raw(rawDts, rawPts, passed);
    if (begun) {
      follow(raw, passed, arrival);
    } else {
      begun = true;
      beginWindow(arrival);
    }
    lastRaw = raw;
    lastArrival = arrival;
    longestWait = Math.max(passed, longestWait - longestWait / 64);
    measureSpeed(arrival);
    long shown =
        byArrival || rawPts == NO_TIMESTAMP ? dts : mapped + Math.round((rawPts - raw) * speed);
    pts = shown - dts > MAX_JUMP ? dts : Math.max(dts, shown);
  }

  private void follow(long raw, long passed, long arrival) {
    long step = Math.round((raw - lastRaw) * speed);
    long next = mapped + step;
    if (!byArrival && (step < 0 || isClockStep(step, passed, next - arrival))) {
      // What came as soon as others do followed at once; what did not, after a gap.
      mapped = dts + Math.max(passed > 1.5 * longestWait ? passed : interval, MIN_STEP);
      dts = mapped;
    } else if (next < dts + MIN_STEP) {
      mapped = dts - next > MAX_LAG ? dts + Math.max(passed, MIN_STEP) : next;
      dts += Math.max(passed, MIN_STEP);
    } else {
      mapped = next;
      interval = next - dts;
      dts = next;
    }
  }

  private boolean isClockStep(long step, long passed, long lead) {
    return step - Math.max(passed, interval) > MIN_CLOCK_STEP
        && lead > Arrays.stream(leads).limit(windows).max().orElseThrow() + MIN_CLOCK_STEP;
  }

  private void beginWindow(long arrival) {
    if (windows == WINDOWS) {
      System.arraycopy(leads, 1, leads, 0, WINDOWS - 1);
      System.arraycopy(leadTimes, 1, leadTimes, 0, WINDOWS - 1);
      windows--;
    }
    leads[windows] = mapped - arrival;
    leadTimes[windows] = arrival;
    windows++;
    windowBegan = arrival;
  }

  /**
   * A packet's delay varies, but the least of many packets stays the same if timestamps are true.
   */
  private void measureSpeed(long arrival) {
    if (arrival - windowBegan >= WINDOW) {
      correctSpeed();
      beginWindow(arrival);
    } else if (mapped - arrival > leads[windows - 1]) {
      leads[windows - 1] = mapped - arrival;
      leadTimes[windows - 1] = arrival;
    }
  }

  private void correctSpeed() {
    if (windows < WINDOWS || byArrival) {
      return;
    }
    double[] drifts = new double[WINDOWS - 1];
    for (int i = 0; i < drifts.length; i++) {
      long between = Math.max(leadTimes[i + 1] - leadTimes[i], WINDOW / 2);
      drifts[i] = (double) (leads[i + 1] - leads[i]) / between;
    }
    double mean = Arrays.stream(drifts).average().orElseThrow();
    boolean steady =
        Arrays.stream(drifts).allMatch(drift -> Math.abs(drift - mean) <= 0.1 * Math.abs(mean));
    if (steady && Math.abs(mean) >= (speed == 1 ? MIN_DRIFT : MIN_FURTHER_DRIFT)) {
      speed /= 1 + mean;
      windows = 0;
    }
  }

  private long raw(long rawDts, long rawPts, long passed) {
    if (rawDts != NO_TIMESTAMP) {
      return rawDts;
    }
    if (rawPts != NO_TIMESTAMP && (delay == 0 || !begun)) {
      return rawPts - delay;
    }
    return begun ? lastRaw + passed : 0;
  }

  /** Decoding time of the last packet. */
  long dts() {
    return dts;
  }

  /** Presentation time of the last packet. */
  long pts() {
    return pts;
  }
}
