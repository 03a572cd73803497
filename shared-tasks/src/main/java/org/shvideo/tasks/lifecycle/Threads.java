package org.shvideo.tasks.lifecycle;

import java.time.Duration;

/** Waiting for threads. */
public final class Threads {
  private Threads() {}

  /**
   * Waits until a thread has ended; not if it was never started. If the caller is interrupted, it
   * waits no longer, and stays interrupted.
   */
  public static void awaitEnd(Thread thread, Duration atMost) {
    try {
      thread.join(atMost.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
