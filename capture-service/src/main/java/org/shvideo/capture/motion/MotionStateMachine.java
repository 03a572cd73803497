package org.shvideo.capture.motion;

/**
 * Decides when motion begins and ends, from one {@link FrameChange} after another. Pure: its only
 * clock is the frames' own time. Not thread-safe.
 *
 * <p>Motion begins with {@code minFrames} moving frames in a row and ends when {@code settle} has
 * passed since the last one. Frames do not count while the background is learnt: for {@code warmUp}
 * after the first frame, and for {@link #RELEARN_MICROS} after the whole picture has changed, as
 * when a light is switched or a camera swaps its infrared filter. Such a change neither begins nor
 * ends motion. If it lasts for {@link #MAX_SWITCH_MICROS}, it is no such switch: the camera is
 * being moved, covered or dazzled, and that is motion.
 */
final class MotionStateMachine {
  /** What the detector is to do with the frame it has just analysed. */
  enum BackgroundUpdate {
    /** Replace the background by this frame. */
    RESTART,
    /** Average it in: all frames since the restart weigh the same. */
    AVERAGE,
    /** Follow slow changes only. */
    FOLLOW
  }

  /**
   * From this changed share on, the whole picture has changed. A light reaches nearly everything,
   * but parts that stay black or white do not show it. A person near the camera can cover as much,
   * but not from one analysed frame to the next without having been seen before, and motion that
   * has begun continues.
   */
  static final double WHOLE_PICTURE_SHARE = 0.5;

  /** Cameras need about this long to adjust their exposure to another light. */
  static final long RELEARN_MICROS = 1_000_000;

  static final long MAX_SWITCH_MICROS = 5_000_000;

  private static final long NEVER = Long.MIN_VALUE;

  private final int minArea;
  private final int minFrames;
  private final long warmUpMicros;
  private final long settleMicros;

  private long learnUntil = NEVER;
  private long wholeChangeSince = NEVER;
  private int movingFrames;
  private long firstMoving;
  private boolean moving;
  private long movingSince;
  private long lastMoving;
  private long lastAccepted;
  private long lastInterval;

  /**
   * @param minArea of motion, in the unit of {@link FrameChange#largestArea}
   */
  MotionStateMachine(MotionSettings settings, int minArea) {
    this.minArea = minArea;
    this.minFrames = settings.minFrames();
    this.warmUpMicros = settings.warmUp().toNanos() / 1000;
    this.settleMicros = settings.settle().toNanos() / 1000;
  }

  /** Takes the next analysed frame. */
  BackgroundUpdate accept(FrameChange change) {
    long now = change.ptsMicros();
    // Between two moving frames of a slow camera, nobody saw anything settle.
    if (lastMoving < lastAccepted || now - lastAccepted > 2 * lastInterval) {
      endIfSettled(now);
    }
    lastInterval = now - lastAccepted;
    lastAccepted = now;
    if (learnUntil == NEVER) {
      learnUntil = now + warmUpMicros;
      return BackgroundUpdate.RESTART;
    }
    if (change.changedShare() >= WHOLE_PICTURE_SHARE) {
      return wholePictureChanged(now);
    }
    if (now < learnUntil) {
      prolong(now);
      return BackgroundUpdate.AVERAGE;
    }
    wholeChangeSince = NEVER;
    if (change.largestArea() >= minArea) {
      countMoving(now);
    } else {
      movingFrames = 0;
    }
    return BackgroundUpdate.FOLLOW;
  }

  /** Whether a frame, judged on its own, may belong to motion. */
  boolean mayBeMotion(FrameChange change) {
    return change.largestArea() >= minArea || change.changedShare() >= WHOLE_PICTURE_SHARE;
  }

  /** The state at a time, which may be after the last frame. */
  MotionState at(long nowMicros) {
    endIfSettled(nowMicros);
    return new MotionState(moving, movingSince);
  }

  private BackgroundUpdate wholePictureChanged(long now) {
    if (wholeChangeSince == NEVER) {
      wholeChangeSince = now;
    }
    if (now - wholeChangeSince >= MAX_SWITCH_MICROS) {
      countMoving(now);
    } else {
      prolong(now);
    }
    learnUntil = Math.max(learnUntil, now + RELEARN_MICROS);
    return BackgroundUpdate.RESTART;
  }

  /** While the background is learnt, what moved before is assumed to move still. */
  private void prolong(long now) {
    if (moving || movingFrames > 0) {
      lastMoving = now;
    }
  }

  private void countMoving(long now) {
    if (movingFrames == 0) {
      firstMoving = now;
    }
    movingFrames++;
    lastMoving = now;
    if (!moving && movingFrames >= minFrames) {
      moving = true;
      movingSince = firstMoving;
    }
  }

  private void endIfSettled(long now) {
    if ((moving || movingFrames > 0) && now - lastMoving > settleMicros) {
      moving = false;
      movingFrames = 0;
    }
  }
}
