package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/**
 * Says when FFmpeg's blocking calls must end: when the time is over or the service stops. Without
 * it a silent camera would block its thread for ever, and with FFmpeg's own {@code timeout} option
 * an open may take twice as long as asked. Not thread-safe: belongs to the thread that reads the
 * stream; only the latch is counted down by others.
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

  /** Closing continues when the service stops, because a camera expects a goodbye. */
  void inClosing(Duration time) {
    closing = true;
    in(time);
  }

  boolean passed() {
    return System.nanoTime() - end >= 0;
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
