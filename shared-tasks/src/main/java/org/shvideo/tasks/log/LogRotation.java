package org.shvideo.tasks.log;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * When the log's current file is rotated: by size, by day, by whichever comes first, or never.
 *
 * @param bytes maximum size of a file, unless a single line is longer; 0 for unlimited
 * @param days number of days of local time, from midnight to midnight, per file; 0 for unlimited
 */
public record LogRotation(long bytes, int days) {
  public static final LogRotation NEVER = new LogRotation(0, 0);

  private static final Setting<Long> BYTES =
      Setting.bytes(
          "LOG_ROTATE_BYTES",
          "0",
          0,
          1L << 40,
          "Maximum size of `detections_log.jsonl` before it is rotated; 0 is unlimited.");
  private static final Setting<Integer> DAYS =
      Setting.integer(
          "LOG_ROTATE_DAYS",
          0,
          "days",
          0,
          36_500,
          "Days after which `detections_log.jsonl` is rotated, at midnight; 0 is never.");

  public static List<Setting<?>> all() {
    return List.of(BYTES, DAYS);
  }

  public static LogRotation from(Settings settings) {
    return new LogRotation(settings.get(BYTES), settings.get(DAYS));
  }

  /**
   * Whether to rotate before a line is appended. Sizes in bytes; day and time are null when
   * unknown.
   */
  boolean isDue(long size, long addition, LocalDate firstDay, LocalDateTime now) {
    boolean full = bytes > 0 && size + addition > bytes;
    boolean old =
        days > 0
            && firstDay != null
            && now != null
            && !now.toLocalDate().isBefore(firstDay.plusDays(days));
    return size > 0 && (full || old);
  }
}
