package org.shvideo.capture.stream;

import static org.shvideo.ffmpeg.Packets.NO_TIMESTAMP;

import org.shvideo.ffmpeg.Packets;

/**
 * Turns the time stamps that a stream carries into a line that can be recorded: it begins at 0,
 * decoding times increase strictly, no packet is shown before it is decoded, and lengths are true.
 * Pure arithmetic in microseconds; not thread-safe.
 *
 * <p>Cameras' stamps are better than arrival times, which carry the network's jitter and come in
 * bursts after a stall, so they are kept wherever they can be believed. They cannot in these cases:
 *
 * <ul>
 *   <li>HTTP MJPEG carries none, and FFmpeg makes them up as if it were 25 frames a second: {@code
 *       byArrival}, the time of arrival is the stamp.
 *   <li>A stamp is missing: the packet follows the last by as much time as passed between their
 *       arrivals. (FFmpeg leaves out the first ones of an RTSP stream with B-frames.)
 *   <li>A stamp repeats or goes back: likewise. When the stamps stay behind (the camera's clock was
 *       set back, its counter wrapped or stands still) the line goes on from there with a new
 *       offset.
 *   <li>A stamp leaps ahead further than the time that really passed: likewise. A leap that is as
 *       long as the wait for it was a true gap and stays.
 * </ul>
 */
final class Timeline {
  /** A leap ahead above this is looked at; a stall may well last seconds. */
  static final long LEAP = 5_000_000;

  /** Stamps that lag this far behind the line will not catch up by themselves. */
  static final long LAG = 500_000;

  /** Between two packets that have the same time: no camera is faster. */
  static final long LEAST_STEP = 1_000;

  private final boolean byArrival;
  private final long delay;

  private boolean begun;
  private long offset;
  private long lastRaw;
  private long lastArrival;
  private long dts;
  private long pts;

  /**
   * @param byArrival whether the stream's own stamps mean nothing
   * @param delay how long a picture waits between decoding and showing; 0 without B-frames
   */
  Timeline(boolean byArrival, long delay) {
    this.byArrival = byArrival;
    this.delay = delay;
  }

  /**
   * Places the next packet.
   *
   * @param rawDts as it came, or {@link Packets#NO_TIMESTAMP}
   * @param rawPts as it came, or the same
   * @param arrival when it came, on any line that only goes forward
   */
  void place(long rawDts, long rawPts, long arrival) {
    long passed = begun ? Math.max(arrival - lastArrival, 0) : 0;
    long raw = byArrival ? arrival : raw(rawDts, rawPts, passed);
    if (!begun) {
      begun = true;
      offset = -raw;
      dts = 0;
    } else {
      long candidate = raw + offset;
      boolean leap = candidate - dts > LEAP && raw - lastRaw > passed + LEAP / 2;
      boolean behind = candidate < dts + LEAST_STEP;
      long previous = dts;
      dts = leap || behind ? dts + Math.max(passed, LEAST_STEP) : candidate;
      if (leap || previous - candidate > LAG) {
        offset = dts - raw;
      }
    }
    lastRaw = raw;
    lastArrival = arrival;
    long shown = byArrival || rawPts == NO_TIMESTAMP ? dts : rawPts + offset;
    pts = shown - dts > LEAP ? dts : Math.max(dts, shown);
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

  /** When the packet placed last is decoded. */
  long dts() {
    return dts;
  }

  /** When it is shown. */
  long pts() {
    return pts;
  }
}
