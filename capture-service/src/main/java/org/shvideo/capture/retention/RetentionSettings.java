package org.shvideo.capture.retention;

import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/** Limits on stored clips. Zero is no limit; without a limit nothing is deleted. */
public record RetentionSettings(long maxBytes, int maxDays, long minFree) {
  private static final long MAX_LIMIT = 1L << 50;

  private static final Setting<Long> MAX_BYTES =
      Setting.bytes(
          "VIDEO_MAX_BYTES",
          "0",
          0,
          MAX_LIMIT,
          "Total size of clips and their snapshots, such as `200G`; beyond it, the oldest analysed"
              + " clips are deleted. 0 is no limit.");
  private static final Setting<Integer> MAX_DAYS =
      Setting.integer(
          "VIDEO_MAX_DAYS",
          0,
          "days",
          0,
          36_500,
          "Analysed clips are deleted when they are older, by a clock that is plausible and at most"
              + " a quarter of all a day. 0 is no limit.");
  private static final Setting<Long> MIN_FREE =
      Setting.bytes(
          "VIDEO_MIN_FREE",
          "0",
          0,
          MAX_LIMIT,
          "Free space to keep on the video folder's file system, such as `5G`, by deleting the"
              + " oldest analysed clips. 0 is no limit.");

  public static List<Setting<?>> all() {
    return List.of(MAX_BYTES, MAX_DAYS, MIN_FREE);
  }

  public static RetentionSettings from(Settings settings) {
    return new RetentionSettings(
        settings.get(MAX_BYTES), settings.get(MAX_DAYS), settings.get(MIN_FREE));
  }

  boolean limited() {
    return maxBytes > 0 || maxDays > 0 || minFree > 0;
  }
}
