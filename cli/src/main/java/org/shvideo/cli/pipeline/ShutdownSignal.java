package org.shvideo.cli.pipeline;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM as an event to wait for. Until {@link #close}, the signals do not end the
 * process at once: it stays alive while the caller closes what it started, for at most 20 s.
 * Thread-safe.
 */
public final class ShutdownSignal implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

  private final PrintWriter out;
  private final CountDownLatch received = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  public ShutdownSignal(PrintWriter out) {
    this.out = out;
    Runtime.getRuntime().addShutdownHook(new Thread(this::onShutdown, "shutdown"));
  }

  /** Waits for the signal. */
  public void await() throws InterruptedException {
    received.await();
  }

  /** Waits for the signal until the timeout; returns whether it was received. */
  public boolean await(Duration timeout) throws InterruptedException {
    return received.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Sleeps; throws a {@link UserException} when the signal is received meanwhile. */
  public void sleep(Duration duration) throws InterruptedException {
    if (await(duration)) {
      throw new UserException("Interrupted before the measurement was complete.");
    }
  }

  private void onShutdown() {
    received.countDown();
    try {
      if (!closed.await(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        out.println(
            "sh-video: shutdown takes longer than %d s. The next run continues with what is left."
                .formatted(CLOSE_TIMEOUT.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets the process end. */
  @Override
  public void close() {
    closed.countDown();
  }
}
