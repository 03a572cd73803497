package org.shvideo.worker;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hangs whoever asks it, deaf to interrupts as native code is. An analysis asks it for its line's
 * time stamp: so a clip hangs with all its frames seen and its line not made.
 */
final class HangingClock extends Clock {
  private final AtomicInteger hangs;
  private final CountDownLatch released = new CountDownLatch(1);

  /**
   * @param hangs how many of those who ask
   */
  HangingClock(int hangs) {
    this.hangs = new AtomicInteger(hangs);
  }

  void release() {
    released.countDown();
  }

  @Override
  public Instant instant() {
    if (hangs.getAndDecrement() > 0) {
      boolean waiting = true;
      while (waiting) {
        try {
          released.await();
          waiting = false;
        } catch (InterruptedException e) {
          // as native code, which knows of none
        }
      }
    }
    return Instant.now();
  }

  @Override
  public ZoneId getZone() {
    return ZoneId.systemDefault();
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
