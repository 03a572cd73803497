package org.shvideo.worker.clip;

import java.util.Locale;

/** How frames are chosen for analysis. */
public enum Sampling {
  /** Those that show something new, a few a second at most; see {@link AdaptiveSampler}. */
  ADAPTIVE,
  /** All of them. */
  EVERY;

  /** A fresh sampler for one clip. */
  public FrameSampler sampler() {
    return switch (this) {
      case ADAPTIVE -> new AdaptiveSampler();
      case EVERY -> (seconds, luma) -> FrameSampler.Choice.ANALYSE;
    };
  }

  /** As it is written in settings and in the log. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
