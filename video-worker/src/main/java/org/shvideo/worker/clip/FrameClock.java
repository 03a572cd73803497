package org.shvideo.worker.clip;

import org.shvideo.ffmpeg.Packets;

/**
 * The times of a clip's frames, which never go back. Time stamps are followed where they are a
 * guide. Where they begin again, stand still, jump or are missing, or where the clip declares a
 * rate that no camera has, each frame lasts as long as the clip's rate says, and the time is
 * guessed. Not thread-safe.
 */
final class FrameClock {
  private static final double MAX_RATE = 240;
  private static final double GUESSED_RATE = 25;

  /** A longer step is a jump, unless the clip's rate is as slow. */
  private static final double MAX_STEP_SECONDS = 60;

  private static final double MAX_STEP_BACK_SECONDS = 1;

  /** Frames in a row that may be out of order, or hardly later than the one before. */
  private static final int MAX_HELD = 3;

  private final double timeBaseSeconds;
  private final double interval;
  private boolean started;
  private boolean guessed;
  private double seconds;
  private long stamp = Packets.NO_TIMESTAMP;

  /** The stamp, in seconds, at which the clip would have begun. */
  private double origin;

  private int held;

  /**
   * @param timeBaseSeconds what a time stamp counts
   * @param rate frames per second that the clip declares; 0 when unknown
   */
  FrameClock(double timeBaseSeconds, double rate) {
    this.timeBaseSeconds = timeBaseSeconds;
    guessed = rate > MAX_RATE;
    interval = 1 / (rate > 0 && !guessed ? rate : GUESSED_RATE);
  }

  /** Moves to the next frame, which has this time stamp. */
  void next(long nextStamp) {
    long before = stamp;
    double declared = nextStamp * timeBaseSeconds;
    stamp = nextStamp;
    if (!started) {
      started = true;
      origin = declared;
      return;
    }
    if (nextStamp == Packets.NO_TIMESTAMP || before == Packets.NO_TIMESTAMP) {
      // AVI has none for some pictures; a rate that is declared is as good.
      seconds += interval;
      origin = declared - seconds;
      return;
    }
    double step = declared - origin - seconds;
    if (step >= 1 / MAX_RATE && step <= Math.max(MAX_STEP_SECONDS, 10 * interval)) {
      seconds += step;
      held = 0;
      return;
    }
    held++;
    if (!guessed && Math.abs(step) < MAX_STEP_BACK_SECONDS && held < MAX_HELD) {
      return;
    }
    guessed = true;
    seconds += interval * held;
    origin = declared - seconds;
    held = 0;
  }

  /** From the clip's start. */
  double seconds() {
    return seconds;
  }

  /** The end of the current frame. */
  double end() {
    return started ? seconds + interval : 0;
  }

  boolean isGuessed() {
    return guessed;
  }
}
