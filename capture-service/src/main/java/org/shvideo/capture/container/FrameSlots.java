package org.shvideo.capture.container;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * Assigns packets to the slots of an AVI file, which are equally spaced in time: the slot nearest
 * to the packet's time, but after that of the packet before, so that none is lost. Slots in between
 * stay empty. Not thread-safe.
 */
final class FrameSlots {
  /** If frames end up this many slots late, the rate was too low. */
  private static final double MAX_LAG = 2;

  /** The highest rate is measured over this time, because arrival times jitter. */
  private static final long WINDOW_MICROS = 1_000_000;

  private final FrameRate rate;
  private final List<Long> times = new ArrayList<>();
  private final List<Long> slots = new ArrayList<>();
  private boolean retimed;

  FrameSlots(FrameRate rate) {
    this.rate = rate;
  }

  /** Takes the next slot, from 0, for a time that is not before that of the packet before. */
  long place(long micros) {
    long slot = 0;
    if (!times.isEmpty()) {
      long nearest = Math.round((micros - times.get(0)) * rate.framesPerSecond() / 1e6);
      slot = Math.max(nearest, slots.get(slots.size() - 1) + 1);
    }
    times.add(micros);
    slots.add(slot);
    return slot;
  }

  /** Corrects the times of all packets; their slots stay. */
  void retime(LongUnaryOperator time) {
    times.replaceAll(time::applyAsLong);
    retimed = true;
  }

  /** The time of a packet, by its number from 0. */
  long micros(int packet) {
    return times.get(packet);
  }

  /**
   * The rate at which the slots last as long as the packets did: the given one, unless packets came
   * faster.
   */
  FrameRate trueRate() {
    if (times.isEmpty()) {
      return rate;
    }
    long last = slots.get(slots.size() - 1);
    double span = (times.get(times.size() - 1) - times.get(0)) / 1e6;
    return last - span * rate.framesPerSecond() > MAX_LAG ? FrameRate.of(last / span) : rate;
  }

  /** Whether all packets have the slots nearest to their times, but for a few, at another rate. */
  boolean fit(FrameRate other) {
    for (int i = 0; i < times.size(); i++) {
      double ideal = (times.get(i) - times.get(0)) * other.framesPerSecond() / 1e6;
      if (Math.abs(slots.get(i) - ideal) > MAX_LAG) {
        return false;
      }
    }
    return true;
  }

  /** The rate while packets came fastest. */
  FrameRate highestRate() {
    double highest = retimed ? 0 : rate.framesPerSecond();
    int begin = 0;
    for (int end = 0; end < times.size(); end++) {
      while (begin < end && times.get(end) - times.get(begin + 1) >= WINDOW_MICROS) {
        begin++;
      }
      long span = times.get(end) - times.get(begin);
      if (span >= WINDOW_MICROS) {
        highest = Math.max(highest, (end - begin) * 1e6 / span);
      }
    }
    return highest == 0 ? rate : FrameRate.nearlyWhole(highest);
  }
}
