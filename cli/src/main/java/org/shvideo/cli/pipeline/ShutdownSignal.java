package org.shvideo.cli.pipeline;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM as something to wait for. From its making until {@link #close} they do not end
 * the process at once: it stays for as long as the caller needs to close what it started, within a
 * bound. Thread-safe.
 */
public final class ShutdownSignal implements AutoCloseable {
  private static final Duration CLOSES_WITHIN = Duration.ofSeconds(20);

  private final PrintWriter out;
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  public ShutdownSignal(PrintWriter out) {
    this.out = out;
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "interrupt"));
  }

  /** Whether the process was told to end; waits for it for so long. */
  public boolean await(Duration atMost) throws InterruptedException {
    return interrupted.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Waits for so long within a measurement.
   *
   * @throws UserException when the process was told to end
   */
  public void pause(Duration length) throws InterruptedException {
    if (await(length)) {
      throw new UserException("Interrupted before all was measured");
    }
  }

  private void interrupt() {
    interrupted.countDown();
    try {
      if (!closed.await(CLOSES_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        out.println("sh-video: not everything ended in time; the next run goes on with the rest");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets the process end: all is closed. */
  @Override
  public void close() {
    closed.countDown();
  }
}
