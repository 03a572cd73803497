package org.shvideo.capture.retention;

import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * How much footage is kept. Zero stands for no limit; without any, nothing is ever deleted.
 *
 * @param maxBytes that clips and their snapshots may take
 * @param maxDays that a clip is kept
 * @param minFree bytes that stay free on the video folder's file system
 */
public record RetentionSettings(long maxBytes, int maxDays, long minFree) {
  private static final long MOST = 1L << 50;

  private static final Setting<Long> MAX_BYTES =
      Setting.bytes(
          "VIDEO_MAX_BYTES",
          "0",
          0,
          MOST,
          "Clips and their snapshots may take this much, such as `200G`; beyond it the oldest clips"
              + " that were analysed are deleted. 0 is no limit.");
  private static final Setting<Integer> MAX_DAYS =
      Setting.integer(
          "VIDEO_MAX_DAYS",
          0,
          "days",
          0,
          36_500,
          "Clips that were analysed are deleted when they are older. 0 is no limit.");
  private static final Setting<Long> MIN_FREE =
      Setting.bytes(
          "VIDEO_MIN_FREE",
          "0",
          0,
          MOST,
          "Room that is kept free on the video folder's file system, such as `5G`, by deleting the"
              + " oldest clips that were analysed. 0 is no limit.");

  public static List<Setting<?>> all() {
    return List.of(MAX_BYTES, MAX_DAYS, MIN_FREE);
  }

  public static RetentionSettings from(Settings settings) {
    return new RetentionSettings(
        settings.get(MAX_BYTES), settings.get(MAX_DAYS), settings.get(MIN_FREE));
  }

  /** Whether there is any limit. */
  boolean limited() {
    return maxBytes > 0 || maxDays > 0 || minFree > 0;
  }
}
