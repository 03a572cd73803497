package org.shvideo.capture.motion;

/**
 * Decides from one reading after another when motion begins and ends. Pure: its only clock is the
 * readings' own time. Not thread-safe.
 *
 * <p>Motion begins with {@code minFrames} moving readings in a row and ends when {@code settle} has
 * passed since the last one. Nothing counts while the picture is learnt: for {@code warmUp} after
 * the first reading, and for {@link #RELEARN_MICROS} after the whole picture has changed, as when a
 * light is switched or a camera swaps its infrared filter. Such a change neither begins nor ends
 * motion. One that goes on for {@link #UPROAR_MICROS} is no switch: the camera is being moved,
 * covered or dazzled, and that counts.
 */
final class MotionStateMachine {
  /** What the detector is to do with the frame it has just read. */
  enum Learning {
    /** Forget the reference and take this frame for it. */
    RESTART,
    /** Average it in: all frames since the restart weigh the same. */
    AVERAGE,
    /** Follow slow change only. */
    FOLLOW
  }

  /**
   * From this share on the whole picture has changed. A light reaches nearly everything, but parts
   * that stay black or white do not show it; somebody near the camera can cover as much, but not
   * between one look and the next without having been seen before, and motion that has begun goes
   * on.
   */
  static final double WHOLE_PICTURE = 0.5;

  /** Cameras need about this long to adjust their exposure to another light. */
  static final long RELEARN_MICROS = 1_000_000;

  static final long UPROAR_MICROS = 5_000_000;

  private static final long NEVER = Long.MIN_VALUE;

  private final int minArea;
  private final int minFrames;
  private final long warmUpMicros;
  private final long settleMicros;

  private long learnUntil = NEVER;
  private long wholeSince = NEVER;
  private int run;
  private long runSince;
  private boolean moving;
  private long movingSince;
  private long lastMoving;

  MotionStateMachine(MotionSettings settings) {
    this.minArea = settings.minArea();
    this.minFrames = settings.minFrames();
    this.warmUpMicros = settings.warmUp().toNanos() / 1000;
    this.settleMicros = settings.settle().toNanos() / 1000;
  }

  /** Takes the next reading. */
  Learning accept(FrameChange reading) {
    long now = reading.ptsMicros();
    endIfSettled(now);
    if (learnUntil == NEVER) {
      learnUntil = now + warmUpMicros;
      return Learning.RESTART;
    }
    if (reading.changedShare() >= WHOLE_PICTURE) {
      return wholePictureChanged(now);
    }
    if (now < learnUntil) {
      keepMoving(now);
      return Learning.AVERAGE;
    }
    wholeSince = NEVER;
    if (reading.largestArea() >= minArea) {
      count(now);
    } else {
      run = 0;
    }
    return Learning.FOLLOW;
  }

  /** Whether a reading may belong to motion, as far as can be told from it alone. */
  boolean counts(FrameChange reading) {
    return reading.largestArea() >= minArea || reading.changedShare() >= WHOLE_PICTURE;
  }

  /** What is known at a time, which may lie after the last reading's. */
  MotionState at(long nowMicros) {
    endIfSettled(nowMicros);
    return new MotionState(moving, movingSince);
  }

  private Learning wholePictureChanged(long now) {
    if (wholeSince == NEVER) {
      wholeSince = now;
    }
    if (now - wholeSince >= UPROAR_MICROS) {
      count(now);
    } else {
      keepMoving(now);
    }
    learnUntil = Math.max(learnUntil, now + RELEARN_MICROS);
    return Learning.RESTART;
  }

  /** Nothing is known of this moment: what moved before is taken to move still. */
  private void keepMoving(long now) {
    if (moving || run > 0) {
      lastMoving = now;
    }
  }

  private void count(long now) {
    if (run == 0) {
      runSince = now;
    }
    run++;
    lastMoving = now;
    if (!moving && run >= minFrames) {
      moving = true;
      movingSince = runSince;
    }
  }

  private void endIfSettled(long now) {
    if ((moving || run > 0) && now - lastMoving > settleMicros) {
      moving = false;
      run = 0;
    }
  }
}
