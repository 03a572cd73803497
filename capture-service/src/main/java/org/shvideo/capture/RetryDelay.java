package org.shvideo.capture;

import java.time.Duration;
import java.util.Optional;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.tasks.lifecycle.Backoff;

/** How long to leave a camera alone after a connection has failed or ended. Not thread-safe. */
final class RetryDelay {
  private static final Duration MIN_DELAY = Duration.ofSeconds(1);
  private static final Duration MAX_DELAY = Duration.ofSeconds(10);

  /** Cameras lock an account after a few wrong passwords. */
  private static final Duration UNAUTHORIZED_DELAY = Duration.ofSeconds(60);

  /** A connection that lasted this long resets the backoff. */
  private static final Duration STABLE_CONNECTION = MAX_DELAY;

  private final Backoff backoff = new Backoff(MIN_DELAY, MAX_DELAY);

  /**
   * @param wish of the camera
   * @param startNanos {@link System#nanoTime} when the attempt began
   */
  Duration after(Kind kind, Optional<Duration> wish, long startNanos) {
    if (System.nanoTime() - startNanos > STABLE_CONNECTION.toNanos()) {
      backoff.reset();
    }
    return kind == Kind.UNAUTHORIZED ? UNAUTHORIZED_DELAY : wish.orElseGet(backoff::next);
  }
}
