package org.shvideo.capture.record;

import java.time.Duration;
import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * How clips are recorded.
 *
 * @param length of a clip, from its first packet; it ends with the next keyframe
 * @param always whether what is in no motion's clip is recorded too
 */
public record ClipSettings(
    Duration length, Duration preRoll, long preRollMaxBytes, RecordMode mode, boolean always) {

  public enum RecordMode {
    /** As they arrive; codecs that no container holds are re-encoded nevertheless. */
    COPY,
    /** Decoded and encoded as MPEG-4. */
    ENCODE
  }

  public enum Always {
    OFF,
    ON
  }

  private static final Setting<Duration> LENGTH =
      Setting.seconds("RECORD_SECONDS", 30, 1, 3600, "Length of a clip, to the next keyframe.");
  private static final Setting<Duration> PRE_ROLL =
      Setting.seconds("PRE_ROLL", 2, 0, 60, "How long before the motion a clip starts.");
  private static final Setting<Integer> PRE_ROLL_MAX =
      Setting.integer(
          "PRE_ROLL_MAX_MIB", 32, "MiB", 1, 1024, "Maximum memory for the pre-roll of one camera.");
  private static final Setting<RecordMode> MODE =
      Setting.choice(
          "RECORD_MODE",
          RecordMode.COPY,
          "`copy` records the camera's own packets, `encode` re-encodes them as MPEG-4.");

  private static final Setting<Always> ALWAYS =
      Setting.choice(
          "RECORD_ALWAYS",
          Always.OFF,
          "`on` records what is in no motion's clip too, in clips under `continuous` in the video"
              + " folder, which are not analysed.");

  /** Of motion only. */
  public ClipSettings(Duration length, Duration preRoll, long preRollMaxBytes, RecordMode mode) {
    this(length, preRoll, preRollMaxBytes, mode, false);
  }

  /** How much pre-roll is kept, because motion is detected late. */
  public Duration preRollKept() {
    return preRoll.plus(ClipRecorder.MAX_DETECTION_DELAY);
  }

  public static List<Setting<?>> all() {
    return List.of(LENGTH, PRE_ROLL, PRE_ROLL_MAX, MODE, ALWAYS);
  }

  public static ClipSettings from(Settings settings) {
    return new ClipSettings(
        settings.get(LENGTH),
        settings.get(PRE_ROLL),
        settings.get(PRE_ROLL_MAX) * 1024L * 1024L,
        settings.get(MODE),
        settings.get(ALWAYS) == Always.ON);
  }
}
