package org.shvideo.capture.record;

import java.time.Duration;
import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * How clips are recorded.
 *
 * @param length of a clip, from its first packet; one that goes on into the next ends at the first
 *     keyframe after it
 * @param preRoll how long before the motion a clip begins
 * @param preRollMaxBytes what one camera's pre-roll may take in memory
 * @param mode whether packets are copied or re-encoded
 */
public record ClipSettings(
    Duration length, Duration preRoll, long preRollMaxBytes, RecordMode mode) {

  /** What becomes of a camera's packets. */
  public enum RecordMode {
    /** They are recorded as they came; codecs that AVI cannot hold are re-encoded all the same. */
    COPY,
    /** They are decoded and encoded as MPEG-4. */
    ENCODE
  }

  private static final Setting<Duration> LENGTH =
      Setting.seconds("RECORD_SECONDS", 30, 1, 3600, "Length of a clip.");
  private static final Setting<Duration> PRE_ROLL =
      Setting.seconds("PRE_ROLL", 2, 0, 60, "How long before the motion a clip begins.");
  private static final Setting<Integer> PRE_ROLL_MAX =
      Setting.integer(
          "PRE_ROLL_MAX_MIB", 32, "MiB", 1, 1024, "Memory one camera's pre-roll may take.");
  private static final Setting<RecordMode> MODE =
      Setting.choice(
          "RECORD_MODE",
          RecordMode.COPY,
          "`copy` records the camera's own packets, `encode` re-encodes them as MPEG-4.");

  /** How much is kept, so that a clip's pre-roll is whole though motion is told of late. */
  public Duration preRollHeld() {
    return preRoll.plus(ClipRecorder.MOTION_TOLD_WITHIN);
  }

  public static List<Setting<?>> all() {
    return List.of(LENGTH, PRE_ROLL, PRE_ROLL_MAX, MODE);
  }

  public static ClipSettings from(Settings settings) {
    return new ClipSettings(
        settings.get(LENGTH),
        settings.get(PRE_ROLL),
        settings.get(PRE_ROLL_MAX) * 1024L * 1024L,
        settings.get(MODE));
  }
}
