package org.shvideo.capture;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Waits for what comes true in its own time, and fails as its last look did. */
final class Eventually {
  private Eventually() {}

  static void within(Duration time, ThrowingCallable assertion) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    while (true) {
      try {
        assertion.call();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > end) {
          throw e;
        }
      } catch (Exception | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
      Thread.sleep(20);
    }
  }

  /** The value, as soon as it is not null. */
  static <T> T get(Duration time, Callable<T> value) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    T found = value.call();
    while (found == null) {
      if (System.nanoTime() > end) {
        throw new AssertionError("nothing came within " + time);
      }
      Thread.sleep(20);
      found = value.call();
    }
    return found;
  }
}
