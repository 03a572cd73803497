package org.shvideo.camera;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what other threads bring about. */
public final class Eventually {
  private static final Duration MOST = Duration.ofSeconds(10);

  private Eventually() {}

  public static void holds(String what, BooleanSupplier condition) throws InterruptedException {
    long until = System.nanoTime() + MOST.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("still not so after " + MOST + ": " + what);
      }
      Thread.sleep(5);
    }
  }
}
