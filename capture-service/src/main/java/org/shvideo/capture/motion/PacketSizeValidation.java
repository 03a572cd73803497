package org.shvideo.capture.motion;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Whether a camera's packet sizes have been shown to reveal motion. At a constant bitrate they do
 * not, and nothing in the stream says so. So {@link #REQUIRED_MOTIONS} motions in a row must have
 * come with unusual sizes, each in time, and by a margin that would have revealed a small fast
 * motion too. Pure arithmetic; not thread-safe.
 *
 * <p>A motion that left packet sizes as they were invalidates them again, and so do other
 * conditions, such as noise at night. {@code docs/design/motion.md} has all rules.
 */
final class PacketSizeValidation {
  static final int REQUIRED_MOTIONS = 3;

  /** Sizes may become unusual before a slowly growing object counts as motion. */
  private static final long BEFORE_MICROS = 500_000;

  /** Someone who runs through the picture is in it for hardly longer. */
  private static final long AFTER_MICROS = 500_000;

  /** Sizes must have been usual for so long before that. */
  private static final long QUIET_MICROS = 3_000_000;

  private static final double SIZE_CHANGE = 1.5;
  private static final double SPREAD_CHANGE = 2;

  /** Deviation required: a motion with half as much would have been revealed too. */
  private static final double MIN_DEVIATION = 2;

  /**
   * Motion that is over between two keyframes is fast, and for its area takes so many times more
   * bytes than a slow one; a factor of two to seven was measured, see {@code
   * docs/design/motion.md}.
   */
  private static final double FAST_MOTION_FACTOR = 4;

  private static final long NEVER = Long.MIN_VALUE / 2;

  private record UnusualPacket(long atMicros, double deviation) {}

  private final int minArea;
  private final long historyMicros;
  private final Deque<UnusualPacket> history = new ArrayDeque<>();
  private long motionSince = NEVER;
  private long lastChange = NEVER;
  private double largestArea;
  private int revealedMotions;
  private PacketSizeModel.Baseline validatedAt = new PacketSizeModel.Baseline(0, 0);

  /**
   * @param minArea of motion, in square pixels of the stream
   * @param maxDelayMicros from the beginning of a motion to its detection
   */
  PacketSizeValidation(int minArea, long maxDelayMicros) {
    this.minArea = minArea;
    this.historyMicros = maxDelayMicros + BEFORE_MICROS + QUIET_MICROS;
  }

  boolean isValid() {
    return revealedMotions >= REQUIRED_MOTIONS;
  }

  /**
   * Takes the stream's next packet.
   *
   * @param deviation from {@link PacketSizeModel#deviation}
   * @param baseline the usual sizes while nothing moves
   */
  void packet(long nowMicros, double deviation, PacketSizeModel.Baseline baseline) {
    if (deviation > 1) {
      history.addLast(new UnusualPacket(nowMicros, deviation));
    }
    if (motionSince != NEVER && nowMicros >= motionSince + AFTER_MICROS) {
      judgeMotion(baseline);
      motionSince = NEVER;
    }
    if (Math.abs(baseline.logSize() - validatedAt.logSize()) > Math.log(SIZE_CHANGE)
        || baseline.spread() > SPREAD_CHANGE * validatedAt.spread()) {
      revealedMotions = 0;
    }
    while (!history.isEmpty() && nowMicros - history.getFirst().atMicros() > historyMicros) {
      history.removeFirst();
    }
  }

  /**
   * Reports something that may be motion.
   *
   * @param area in square pixels; infinite if the whole picture has changed
   */
  void possibleMotion(long atMicros, double area) {
    largestArea = atMicros - lastChange > QUIET_MICROS ? area : Math.max(largestArea, area);
    lastChange = atMicros;
  }

  /** Reports that motion has begun. */
  void motionBegan(long sinceMicros) {
    motionSince = sinceMicros;
  }

  private void judgeMotion(PacketSizeModel.Baseline baseline) {
    long from = motionSince - BEFORE_MICROS;
    if (largestDeviation(from - QUIET_MICROS, from) > 0) {
      return;
    }
    double deviation = largestDeviation(from, motionSince + AFTER_MICROS);
    if (deviation == 0) {
      revealedMotions = 0;
    } else if (deviation >= Math.max(MIN_DEVIATION, largestArea / (FAST_MOTION_FACTOR * minArea))) {
      revealedMotions++;
      validatedAt = baseline;
    }
  }

  /** The largest deviation between two times; 0 if no size was unusual. */
  private double largestDeviation(long from, long to) {
    return history.stream()
        .filter(packet -> packet.atMicros() >= from && packet.atMicros() < to)
        .mapToDouble(UnusualPacket::deviation)
        .max()
        .orElse(0);
  }
}
