package org.shvideo.tasks.log;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * When the log's current file becomes a segment and a new one is begun: by size, by day, by
 * whichever comes first, or never.
 *
 * @param bytes most that a file may hold, a single line that is longer excepted; 0 for any amount
 * @param days for how many days of local time, midnight to midnight, lines go into one file; 0 for
 *     any number
 */
public record LogRotation(long bytes, int days) {
  /** One file for ever. */
  public static final LogRotation NEVER = new LogRotation(0, 0);

  private static final Setting<Long> BYTES =
      Setting.bytes(
          "LOG_ROTATE_BYTES",
          "0",
          0,
          1L << 40,
          "Where `detections_log.jsonl` would grow beyond it, a new one is begun; 0 is any size.");
  private static final Setting<Integer> DAYS =
      Setting.integer(
          "LOG_ROTATE_DAYS",
          0,
          "days",
          0,
          36_500,
          "After so many a new `detections_log.jsonl` is begun, at midnight; 0 is never.");

  public LogRotation {
    if (bytes < 0 || days < 0) {
      throw new IllegalArgumentException("%d bytes, %d days".formatted(bytes, days));
    }
  }

  public static List<Setting<?>> all() {
    return List.of(BYTES, DAYS);
  }

  public static LogRotation from(Settings settings) {
    return new LogRotation(settings.get(BYTES), settings.get(DAYS));
  }

  /**
   * Whether a new file is to be begun for a line.
   *
   * @param size of the current file, with which it would grow to {@code size + addition}
   * @param first day of the file's first line; null when none says
   * @param now when the line was made; null when it does not say
   */
  boolean isDue(long size, long addition, LocalDate first, LocalDateTime now) {
    if (size == 0) {
      return false;
    }
    boolean full = bytes > 0 && size + addition > bytes;
    boolean old =
        days > 0
            && first != null
            && now != null
            && !now.toLocalDate().isBefore(first.plusDays(days));
    return full || old;
  }
}
