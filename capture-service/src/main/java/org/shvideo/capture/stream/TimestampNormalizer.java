package org.shvideo.capture.stream;

import static org.shvideo.ffmpeg.Packets.NO_TIMESTAMP;

import java.util.ArrayDeque;
import java.util.Deque;
import org.shvideo.capture.stream.Packet.SpeedCorrection;
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
 *       when the least delay has grown or shrunk steadily for fifteen seconds, time is scaled; at
 *       the beginning, after four seconds if it did so fast. Later that may be a network that lets
 *       less through than the camera sends, for a while.
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

  /** The least delay is measured in windows of this length. */
  private static final long WINDOW = 500_000;

  private static final long LONG_SPAN = 15_000_000;
  private static final long SHORT_SPAN = 4_000_000;

  /** Speeds that differ less are those of clocks. */
  private static final double MIN_DRIFT = 0.05;

  /** From here on a short time is enough, at the beginning. */
  private static final double MIN_SHORT_DRIFT = 0.33;

  /** A speed that is corrected already is corrected further from this difference on. */
  private static final double MIN_FURTHER_DRIFT = 0.005;

  /** A drift is steady if no window is further from its line than this share of the whole. */
  private static final double MAX_DEVIATION = 0.05;

  private static final int MIN_WINDOWS = 6;

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
  private SpeedCorrection correction;

  /** By how much a packet's time was ahead of its arrival. */
  private record Lead(long arrival, long lead) {}

  /** The most of each window of the last fifteen seconds. */
  private final Deque<Lead> leads = new ArrayDeque<>();

  /** The most of this window as yet. */
  private Lead most;

  private long windowBegan;
  private boolean beginning = true;
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
    correction = null;
    lastRaw = raw;
    lastArrival = arrival;
    longestWait = Math.max(passed, longestWait - longestWait / 64);
    if (!byArrival) {
      measureSpeed(arrival);
    }
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
        && lead
            > leads.stream().mapToLong(Lead::lead).reduce(most.lead(), Math::max) + MIN_CLOCK_STEP;
  }

  private void beginWindow(long arrival) {
    most = new Lead(arrival, mapped - arrival);
    windowBegan = arrival;
  }

  /**
   * A packet's delay varies, but the least of many packets stays the same if timestamps are true.
   */
  private void measureSpeed(long arrival) {
    if (mapped - arrival > most.lead()) {
      most = new Lead(arrival, mapped - arrival);
    }
    if (arrival - windowBegan >= WINDOW) {
      leads.addLast(most);
      correctSpeed();
      while (!leads.isEmpty() && arrival - leads.getFirst().arrival() > LONG_SPAN) {
        leads.removeFirst();
        beginning = false;
      }
      beginWindow(arrival);
    }
  }

  private void correctSpeed() {
    long passed = leads.getLast().arrival() - leads.getFirst().arrival();
    if (leads.size() < MIN_WINDOWS || passed < SHORT_SPAN - WINDOW) {
      return;
    }
    double drift = steadyDrift(passed);
    boolean isLong = passed >= LONG_SPAN - WINDOW;
    if (isLong
        ? Math.abs(drift) >= (speed == 1 ? MIN_DRIFT : MIN_FURTHER_DRIFT)
        : beginning && Math.abs(drift) >= MIN_SHORT_DRIFT) {
      speed /= 1 + drift;
      correction = new SpeedCorrection(dts, 1 / (1 + drift));
      leads.clear();
      beginning = false;
    }
  }

  /**
   * How much faster than time the timestamps run, 0.05 being five percent.
   *
   * @param passed from the first of the windows to the last
   * @return 0 if it was not the same all that time
   */
  private double steadyDrift(long passed) {
    double time = leads.stream().mapToLong(Lead::arrival).average().orElseThrow();
    double mean = leads.stream().mapToLong(Lead::lead).average().orElseThrow();
    double products = 0;
    double squares = 0;
    for (Lead lead : leads) {
      products += (lead.arrival() - time) * (lead.lead() - mean);
      squares += (lead.arrival() - time) * (lead.arrival() - time);
    }
    double drift = products / squares;
    double bound = Math.abs(drift) * passed * MAX_DEVIATION;
    boolean steady =
        leads.stream()
            .allMatch(
                lead -> Math.abs(lead.lead() - mean - drift * (lead.arrival() - time)) <= bound);
    return steady ? drift : 0;
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

  /** What the last packet told about the times of those before; null if nothing. */
  SpeedCorrection correction() {
    return correction;
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
