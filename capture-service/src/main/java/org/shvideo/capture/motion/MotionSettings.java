package org.shvideo.capture.motion;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * What counts as motion.
 *
 * @param minArea the smallest changed region that counts, in square pixels of the stream
 * @param threshold by how many grey levels of 255 a place must differ to count as changed
 * @param minFrames how many frames looked at must show motion in a row before it counts
 * @param framesPerSecond how many frames are looked at
 * @param decode which packets are decoded for that
 * @param warmUp after a camera connects, how long the picture is only learnt
 * @param settle motion ends this long after the last frame that showed it
 * @param mask where to look; empty for everywhere
 */
public record MotionSettings(
    int minArea,
    int threshold,
    int minFrames,
    double framesPerSecond,
    Decode decode,
    Duration warmUp,
    Duration settle,
    Optional<MotionMask> mask) {

  /** Which packets are decoded to see motion. */
  public enum Decode {
    /** Keyframes, and the others where something may have happened; see {@link DecodePolicy}. */
    SUSPICIOUS,
    /** Whatever others refer to. */
    ALL
  }

  /** More than cameras send. */
  private static final double MOST_FPS = 60;

  private static final Setting<Integer> MIN_AREA =
      Setting.integer(
          "MOTION_MIN_AREA",
          5000,
          "px²",
          1,
          100_000_000,
          "Smallest changed region that counts as motion, at the stream's own resolution.");
  private static final Setting<Integer> THRESHOLD =
      Setting.integer(
          "MOTION_THRESHOLD",
          20,
          "grey levels",
          1,
          255,
          "By how much a place must differ from what it usually shows to count as changed.");
  private static final Setting<Integer> MIN_FRAMES =
      Setting.integer(
          "MOTION_MIN_FRAMES",
          2,
          "",
          1,
          100,
          "How many frames looked at must show motion in a row before a clip starts.");
  private static final Setting<Double> FPS =
      Setting.number(
          "MOTION_FPS",
          5,
          "1/s",
          0.5,
          MOST_FPS,
          "How many frames a second are looked at for motion.");
  private static final Setting<Decode> DECODE =
      Setting.choice(
          "MOTION_DECODE",
          Decode.SUSPICIOUS,
          "`suspicious`: once the sizes of a camera's packets have told of three motions, only"
              + " keyframes are decoded while nothing moves, and all since the last one as soon as"
              + " it or the sizes look like motion; `all`: every frame that others refer to,"
              + " always.");
  private static final Setting<Duration> WARM_UP =
      Setting.seconds(
          "MOTION_WARM_UP",
          2,
          0,
          600,
          "How long the picture is only learnt after a camera connects.");
  private static final Setting<Duration> SETTLE =
      Setting.seconds(
          "MOTION_SETTLE", 2, 0, 600, "Motion ends this long after the last frame that showed it.");
  private static final Setting<Path> MASK = maskSetting("MOTION_MASK");

  /** What a setting begins with that names the mask of one camera. */
  public static final String MASK_OF_CAMERA = MASK.name() + "_";

  public MotionSettings {
    Objects.requireNonNull(warmUp);
    Objects.requireNonNull(settle);
    Objects.requireNonNull(mask);
  }

  public static List<Setting<?>> all() {
    return List.of(MIN_AREA, THRESHOLD, MIN_FRAMES, FPS, DECODE, WARM_UP, SETTLE, MASK);
  }

  /**
   * Reads the settings and the mask they name; {@code MOTION_MASK_FRONT_DOOR} goes before {@code
   * MOTION_MASK} for the camera {@code front-door}. A mask that cannot be used is noted as a
   * problem of the settings.
   */
  public static MotionSettings from(Settings settings, String camera) {
    return new MotionSettings(
        settings.get(MIN_AREA),
        settings.get(THRESHOLD),
        settings.get(MIN_FRAMES),
        settings.get(FPS),
        settings.get(DECODE),
        settings.get(WARM_UP),
        settings.get(SETTLE),
        mask(settings, camera));
  }

  /** The same, but every frame is decoded and looked at. */
  public MotionSettings exhaustive() {
    return new MotionSettings(
        minArea, threshold, minFrames, MOST_FPS, Decode.ALL, warmUp, settle, mask);
  }

  private static Optional<MotionMask> mask(Settings settings, String camera) {
    Setting<Path> own =
        maskSetting(MASK_OF_CAMERA + camera.toUpperCase(Locale.ROOT).replace('-', '_'));
    for (Setting<Path> setting : List.of(own, MASK)) {
      Path file = settings.get(setting);
      if (!file.toString().isEmpty()) {
        try {
          return Optional.of(MotionMask.read(file));
        } catch (IOException e) {
          settings.problem(setting.name(), e.getMessage());
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static Setting<Path> maskSetting(String name) {
    return Setting.path(
        name,
        "",
        "PNG of any size, stretched over the picture: white is looked at, black or transparent is"
            + " ignored; `MOTION_MASK_<NAME>` for one camera.");
  }
}
