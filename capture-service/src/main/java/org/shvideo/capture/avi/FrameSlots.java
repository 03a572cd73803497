package org.shvideo.capture.avi;

/**
 * Where each packet lies on AVI's line of frames, on which all are equally far apart: at the slot
 * nearest to its time, but after the packet before it, so that none is lost. Slots passed over stay
 * empty. Not thread-safe.
 */
final class FrameSlots {
  /** A clip whose frames lie this many slots too late has another rate than was thought. */
  private static final double TOLERATED_LAG = 2;

  private final FrameRate rate;
  private long firstMicros;
  private long lastMicros;
  private long last = -1;

  FrameSlots(FrameRate rate) {
    this.rate = rate;
  }

  /**
   * Takes the next slot.
   *
   * @param micros of the packets' line, not before the packet placed last
   * @return 0 for the first
   */
  long place(long micros) {
    if (last < 0) {
      firstMicros = micros;
    }
    lastMicros = micros;
    long nearest = Math.round((micros - firstMicros) * rate.framesASecond() / 1e6);
    last = Math.max(nearest, last + 1);
    return last;
  }

  /** How many slots there are, empty ones counted. */
  long count() {
    return last + 1;
  }

  /**
   * The rate at which these slots last as long as the packets did: the one given, unless they came
   * faster than that.
   */
  FrameRate trueRate() {
    double span = (lastMicros - firstMicros) / 1e6;
    return last - span * rate.framesASecond() > TOLERATED_LAG ? FrameRate.of(last / span) : rate;
  }
}
