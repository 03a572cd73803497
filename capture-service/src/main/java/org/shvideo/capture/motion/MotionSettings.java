package org.shvideo.capture.motion;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * What counts as motion.
 *
 * @param mask where motion counts; empty for everywhere
 */
public record MotionSettings(
    MinArea minArea,
    int threshold,
    int minFrames,
    double framesPerSecond,
    Decode decode,
    Duration warmUp,
    Duration settle,
    Optional<MotionMask> mask) {

  /** Which packets are decoded to detect motion. */
  public enum Decode {
    /** Keyframes, and the others when something may have happened; see {@link DecodePolicy}. */
    SUSPICIOUS,
    /** All reference frames. */
    ALL
  }

  /** More than cameras send. */
  private static final double MAX_FPS = 60;

  /** The prototype's 5000 pixels, where the picture has 1920×1080. */
  private static final Setting<MinArea> MIN_AREA =
      new Setting<>(
          "MOTION_MIN_AREA",
          "0.24%",
          "",
          "Smallest moving region that counts as motion: a share of the picture, or a number of"
              + " pixels of the recorded picture.",
          MinArea::parse);

  private static final Setting<Integer> THRESHOLD =
      Setting.integer(
          "MOTION_THRESHOLD",
          20,
          "grey levels",
          1,
          255,
          "How much a pixel must differ from the background to count as changed.");
  private static final Setting<Integer> MIN_FRAMES =
      Setting.integer(
          "MOTION_MIN_FRAMES",
          2,
          "",
          1,
          100,
          "Consecutive analysed frames with motion before a clip starts.");
  private static final Setting<Double> FPS =
      Setting.number(
          "MOTION_FPS", 5, "1/s", 0.5, MAX_FPS, "Frames per second that are analysed for motion.");
  private static final Setting<Decode> DECODE =
      Setting.choice(
          "MOTION_DECODE",
          Decode.SUSPICIOUS,
          "`suspicious`: only keyframes while nothing moves, once packet sizes have revealed three"
              + " motions in a row; as soon as a keyframe or the packet sizes look like motion, all"
              + " packets since the last keyframe too. `all`: every reference frame, always.");
  private static final Setting<Duration> WARM_UP =
      Setting.seconds(
          "MOTION_WARM_UP",
          2,
          0,
          600,
          "How long the background is learnt after a camera connects.");
  private static final Setting<Duration> SETTLE =
      Setting.seconds(
          "MOTION_SETTLE", 2, 0, 600, "Motion ends this long after the last frame with motion.");
  private static final Setting<Path> MASK =
      Setting.path(
          "MOTION_MASK",
          "",
          "PNG of any size, stretched over the picture: motion counts where it is white and is"
              + " ignored where it is black or transparent.");

  public static List<Setting<?>> all() {
    return List.of(MIN_AREA, THRESHOLD, MIN_FRAMES, FPS, DECODE, WARM_UP, SETTLE, MASK);
  }

  /**
   * Reads the settings and the mask file they name. An unusable mask is added to the settings'
   * problems.
   */
  public static MotionSettings from(Settings settings) {
    return new MotionSettings(
        settings.get(MIN_AREA),
        settings.get(THRESHOLD),
        settings.get(MIN_FRAMES),
        settings.get(FPS),
        settings.get(DECODE),
        settings.get(WARM_UP),
        settings.get(SETTLE),
        mask(settings));
  }

  /** The same for a picture of that many times as many pixels, which shows the same. */
  public MotionSettings scaled(double pixels) {
    return new MotionSettings(
        minArea.scaled(pixels),
        threshold,
        minFrames,
        framesPerSecond,
        decode,
        warmUp,
        settle,
        mask);
  }

  /** The same, but with every frame decoded and analysed. */
  public MotionSettings exhaustive() {
    return new MotionSettings(
        minArea, threshold, minFrames, MAX_FPS, Decode.ALL, warmUp, settle, mask);
  }

  private static Optional<MotionMask> mask(Settings settings) {
    Path file = settings.get(MASK);
    if (file.toString().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(MotionMask.read(file));
    } catch (IOException e) {
      settings.problem(settings.variable(MASK), e.getMessage());
      return Optional.empty();
    }
  }
}
