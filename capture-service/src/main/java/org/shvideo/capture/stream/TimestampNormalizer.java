package org.shvideo.capture.stream;

import static org.shvideo.ffmpeg.Packets.NO_TIMESTAMP;

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
 *   <li>A timestamp repeats or goes back: likewise. If timestamps stay behind, because the camera's
 *       clock was set back, or its counter wrapped or stopped, they get a new offset.
 *   <li>A timestamp jumps ahead by more than the time that has passed: likewise. A jump as long as
 *       the wait for the packet was a real gap and is kept.
 * </ul>
 */
final class TimestampNormalizer {
  /** Shorter jumps ahead are kept; a stall may last seconds. */
  static final long MAX_JUMP = 5_000_000;

  /** Timestamps further behind get a new offset. */
  static final long MAX_LAG = 500_000;

  /** Time between packets with the same timestamp; no camera is faster. */
  static final long MIN_STEP = 1_000;

  private final boolean byArrival;
  private final long delay;

  private boolean begun;
  private long offset;
  private long lastRaw;
  private long lastArrival;
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
    if (!begun) {
      begun = true;
      offset = -raw;
      dts = 0;
    } else {
      long candidate = raw + offset;
      boolean jump = candidate - dts > MAX_JUMP && raw - lastRaw > passed + MAX_JUMP / 2;
      boolean behind = candidate < dts + MIN_STEP;
      long previous = dts;
      dts = jump || behind ? dts + Math.max(passed, MIN_STEP) : candidate;
      if (jump || previous - candidate > MAX_LAG) {
        offset = dts - raw;
      }
    }
    lastRaw = raw;
    lastArrival = arrival;
    long shown = byArrival || rawPts == NO_TIMESTAMP ? dts : rawPts + offset;
    pts = shown - dts > MAX_JUMP ? dts : Math.max(dts, shown);
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
