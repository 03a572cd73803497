package org.shvideo.capture.avi;

/**
 * Assigns packets to the slots of an AVI file, which are equally spaced in time: the slot nearest
 * to the packet's time, but after that of the packet before, so that none is lost. Slots in between
 * stay empty. Not thread-safe.
 */
final class FrameSlots {
  /** If frames end up this many slots late, the rate was too low. */
  private static final double MAX_LAG = 2;

  private final FrameRate rate;
  private long firstMicros;
  private long lastMicros;
  private long last = -1;

  FrameSlots(FrameRate rate) {
    this.rate = rate;
  }

  /** Takes the next slot, from 0, for a time that is not before that of the packet before. */
  long place(long micros) {
    if (last < 0) {
      firstMicros = micros;
    }
    lastMicros = micros;
    long nearest = Math.round((micros - firstMicros) * rate.framesPerSecond() / 1e6);
    last = Math.max(nearest, last + 1);
    return last;
  }

  /**
   * The rate at which the slots last as long as the packets did: the given one, unless packets came
   * faster.
   */
  FrameRate trueRate() {
    double span = (lastMicros - firstMicros) / 1e6;
    return last - span * rate.framesPerSecond() > MAX_LAG ? FrameRate.of(last / span) : rate;
  }
}
