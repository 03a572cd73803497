package org.shvideo.worker.clip;

import java.util.function.Supplier;

/**
 * Chooses which frames of one clip are analysed. Is asked about each frame, in order; the first is
 * always chosen. Not thread-safe.
 */
public interface FrameSampler {
  /** What to do with a frame. */
  enum Choice {
    /** It shows nothing new. */
    SKIP,
    /** Something new, but one was analysed just now: worth a look if that one leaves doubts. */
    RESERVE,
    ANALYSE
  }

  /** What to do with a frame at this time of the clip; its brightness is made when asked for. */
  Choice choose(double seconds, Supplier<Luma> luma);
}
