package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/**
 * Ends FFmpeg's blocking calls when the time is over or the service is stopping. Without it a
 * silent camera would block its thread forever, and with FFmpeg's own {@code timeout} option
 * opening may take twice as long as specified. Not thread-safe: belongs to the thread that reads
 * the stream; only the latch is shared.
 */
final class Deadline implements BooleanSupplier {
  private final CountDownLatch stop;
  private long end = System.nanoTime();
  private boolean closing;

  Deadline(CountDownLatch stop) {
    this.stop = stop;
  }

  void in(Duration time) {
    end = System.nanoTime() + time.toNanos();
  }

  /** For closing, which also continues while the service is stopping. */
  void inClosing(Duration time) {
    closing = true;
    in(time);
  }

  boolean passed() {
    return System.nanoTime() - end >= 0;
  }

  /** Whether it ends before a time of {@link System#nanoTime}. */
  boolean isBefore(long nanos) {
    return nanos - end > 0;
  }

  boolean stopped() {
    return stop.getCount() == 0;
  }

  /** Whether a blocking call must end now. */
  @Override
  public boolean getAsBoolean() {
    return passed() || (stopped() && !closing);
  }
}
