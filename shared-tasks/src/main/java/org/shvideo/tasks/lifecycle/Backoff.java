package org.shvideo.tasks.lifecycle;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Growing waits between attempts: each twice the last up to a bound, and each shortened at random
 * by up to a half, so that many who failed together do not come back together. Not thread-safe.
 */
public final class Backoff {
  private final Duration first;
  private final Duration most;
  private final RandomGenerator random;
  private Duration next;

  public Backoff(Duration first, Duration most) {
    this(first, most, new SplittableRandom());
  }

  Backoff(Duration first, Duration most, RandomGenerator random) {
    if (first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException("backoff from " + first + " to " + most);
    }
    this.first = first;
    this.most = most;
    this.random = random;
    this.next = first;
  }

  /** How long to wait now: never shorter than the first wait, never longer than the bound. */
  public Duration next() {
    Duration full = next;
    Duration twice = full.multipliedBy(2);
    next = twice.compareTo(most) < 0 ? twice : most;
    Duration jittered = Duration.ofNanos(full.toNanos() - random.nextLong(full.toNanos() / 2 + 1));
    return jittered.compareTo(first) < 0 ? first : jittered;
  }

  /** After a success: the next wait is the first again. */
  public void reset() {
    next = first;
  }
}
