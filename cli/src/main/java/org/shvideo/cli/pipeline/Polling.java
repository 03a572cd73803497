package org.shvideo.cli.pipeline;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits for conditions that nothing announces. */
public final class Polling {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  private Polling() {}

  /** A condition, which throws when it cannot hold any more. */
  public interface Condition<E extends Exception> {
    boolean holds() throws E, InterruptedException;
  }

  /** Waits until a condition holds; returns false if it does not within the timeout. */
  public static <E extends Exception> boolean await(Duration timeout, Condition<E> condition)
      throws E, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(INTERVAL.toMillis());
    }
    return true;
  }
}
