package org.shvideo.worker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Tells one worker's thread to stop: now, or when its patience is over. Thread-safe. */
final class StopSignal {
  private final CountDownLatch requested = new CountDownLatch(1);
  private volatile long deadlineNanos;
  private volatile boolean stuck;

  /** Asks for a stop; the job in progress may continue for so long. */
  void request(Duration patience) {
    deadlineNanos = System.nanoTime() + patience.toNanos();
    requested.countDown();
  }

  /** Asks for a stop because the worker's thread is stuck. */
  void requestAsStuck() {
    stuck = true;
    request(Duration.ZERO);
  }

  boolean isStuck() {
    return stuck;
  }

  boolean isRequested() {
    return requested.getCount() == 0 || Thread.currentThread().isInterrupted();
  }

  /** Throws a {@link StoppedException} when the worker must stop and its job has had its time. */
  void check() {
    if (isRequested()
        && (Thread.currentThread().isInterrupted() || System.nanoTime() - deadlineNanos >= 0)) {
      throw new StoppedException();
    }
  }

  /** Waits, until a stop is requested at most. */
  void await(Duration duration) {
    try {
      requested.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The worker stops, and the job in progress goes back to the queue. */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
