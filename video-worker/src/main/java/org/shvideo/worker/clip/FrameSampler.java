package org.shvideo.worker.clip;

import java.util.function.Supplier;

/**
 * Chooses which frames of one clip are analysed. Is asked about each frame, in order; the first is
 * always chosen. Not thread-safe.
 */
public interface FrameSampler {
  /**
   * Whether to analyse this frame.
   *
   * @param seconds the frame's time from the clip's start
   * @param luma the frame's brightness, made only when asked for
   */
  boolean wants(double seconds, Supplier<Luma> luma);
}
