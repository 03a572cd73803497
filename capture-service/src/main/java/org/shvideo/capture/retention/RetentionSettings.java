package org.shvideo.capture.retention;

import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/** Limits on stored clips. Zero is no limit; without a limit nothing is deleted. */
public record RetentionSettings(long maxBytes, int maxDays, long minFree, Continuous continuous) {
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

  private static final Setting<Long> CONTINUOUS_MAX_BYTES =
      Setting.bytes(
          "CONTINUOUS_MAX_BYTES",
          "0",
          0,
          MAX_LIMIT,
          "Total size of the clips of continuous recording; beyond it, the oldest are deleted. 0 is"
              + " no limit but the others; they go before all other clips, and where less than 1G"
              + " is free.");
  private static final Setting<Integer> CONTINUOUS_MAX_DAYS =
      Setting.integer(
          "CONTINUOUS_MAX_DAYS",
          7,
          "days",
          0,
          36_500,
          "Clips of continuous recording are deleted when they are older. 0 is no limit.");

  /**
   * Limits on the clips of continuous recording.
   *
   * @param on whether any camera is recorded continuously
   */
  public record Continuous(boolean on, long maxBytes, int maxDays) {
    /** No camera is. */
    public static final Continuous OFF = new Continuous(false, 0, 0);
  }

  /** Without continuous recording. */
  public RetentionSettings(long maxBytes, int maxDays, long minFree) {
    this(maxBytes, maxDays, minFree, Continuous.OFF);
  }

  public static List<Setting<?>> all() {
    return List.of(MAX_BYTES, MAX_DAYS, MIN_FREE, CONTINUOUS_MAX_BYTES, CONTINUOUS_MAX_DAYS);
  }

  /**
   * Reads the limits.
   *
   * @param continuous whether any camera is recorded continuously
   */
  public static RetentionSettings from(Settings settings, boolean continuous) {
    return new RetentionSettings(
        settings.get(MAX_BYTES),
        settings.get(MAX_DAYS),
        settings.get(MIN_FREE),
        new Continuous(
            continuous, settings.get(CONTINUOUS_MAX_BYTES), settings.get(CONTINUOUS_MAX_DAYS)));
  }

  boolean limited() {
    return continuous.on() || maxBytes > 0 || maxDays > 0 || minFree > 0;
  }
}
