package org.shvideo.worker;

import java.time.Duration;

/**
 * How long a clip may hold a worker: {@code clip} and {@code hung} together.
 *
 * @param clip its analysis may take; a clip that takes longer fails
 * @param hung may pass between two frames. A worker in which it does hangs, in native code or in a
 *     file system that does not answer, and nothing within its process can free its thread
 */
public record WorkLimits(Duration clip, Duration hung) {
  /** Longer than a frame takes on any machine, however slow. */
  static final Duration HUNG = Duration.ofSeconds(60);

  /** An hour, and {@link #HUNG}. */
  public static final WorkLimits DEFAULT = new WorkLimits(Duration.ofHours(1), HUNG);

  public WorkLimits {
    if (clip.toMillis() < 1 || hung.toMillis() < 1) {
      throw new IllegalArgumentException(clip + ", " + hung);
    }
  }
}
