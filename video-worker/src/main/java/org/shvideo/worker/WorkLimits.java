package org.shvideo.worker;

import java.time.Duration;

/**
 * How long a clip may occupy a worker: the sum of both at most.
 *
 * @param clipTimeout a clip whose analysis takes longer fails
 * @param stallTimeout longest time between two frames. A worker that exceeds it is stuck, in native
 *     code or in a file system that does not answer, and nothing in its process can free its thread
 */
public record WorkLimits(Duration clipTimeout, Duration stallTimeout) {
  /** Longer than a frame takes on any machine, however slow. */
  static final Duration STALL_TIMEOUT = Duration.ofSeconds(60);

  /** An hour, and {@link #STALL_TIMEOUT}. */
  public static final WorkLimits DEFAULT = new WorkLimits(Duration.ofHours(1), STALL_TIMEOUT);
}
