package org.shvideo.capture.motion;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.absdiff;
import static org.bytedeco.opencv.global.opencv_core.bitwise_and;
import static org.bytedeco.opencv.global.opencv_core.bitwise_not;
import static org.bytedeco.opencv.global.opencv_core.bitwise_or;
import static org.bytedeco.opencv.global.opencv_core.countNonZero;
import static org.bytedeco.opencv.global.opencv_core.setNumThreads;
import static org.bytedeco.opencv.global.opencv_core.subtract;
import static org.bytedeco.opencv.global.opencv_imgproc.CHAIN_APPROX_NONE;
import static org.bytedeco.opencv.global.opencv_imgproc.FILLED;
import static org.bytedeco.opencv.global.opencv_imgproc.GaussianBlur;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.MORPH_CLOSE;
import static org.bytedeco.opencv.global.opencv_imgproc.MORPH_RECT;
import static org.bytedeco.opencv.global.opencv_imgproc.RETR_EXTERNAL;
import static org.bytedeco.opencv.global.opencv_imgproc.THRESH_BINARY;
import static org.bytedeco.opencv.global.opencv_imgproc.accumulateWeighted;
import static org.bytedeco.opencv.global.opencv_imgproc.contourArea;
import static org.bytedeco.opencv.global.opencv_imgproc.dilate;
import static org.bytedeco.opencv.global.opencv_imgproc.drawContours;
import static org.bytedeco.opencv.global.opencv_imgproc.findContours;
import static org.bytedeco.opencv.global.opencv_imgproc.getStructuringElement;
import static org.bytedeco.opencv.global.opencv_imgproc.morphologyEx;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;
import static org.bytedeco.opencv.global.opencv_imgproc.threshold;

import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Finds moving regions in frames by background subtraction; {@code docs/design/motion.md} explains
 * it, and the constants. Not thread-safe.
 *
 * <p>A region moves if it differs from the <em>background</em>, how the scene usually looks, which
 * gives its size, and part of it differs from the <em>recent</em> past, about a second, which tells
 * what moves from what was parked or has just left.
 */
final class FrameMotionDetector implements AutoCloseable {
  static {
    // OpenCV would start a thread per core, which only slows down pictures this small.
    setNumThreads(1);
  }

  /** Longest side of the scaled picture: decoders need not deliver larger frames. */
  static final int MAX_SIDE = 640;

  /** Longest side of the scaled picture, unless the minimum area needs a larger one. */
  private static final int DEFAULT_SIDE = 320;

  /** A region of the minimum area has at least so many scaled pixels, to stand out from noise. */
  private static final int MIN_PIXELS = 100;

  /** This share of the minimum area must differ from the recent past. */
  private static final double MIN_ACTIVE_SHARE = 0.05;

  /** After so many frames without a change, what examines changes is freed. */
  private static final int MAX_QUIET_FRAMES = 50;

  /** A change of the light explains at least this share of what has changed. */
  private static final double MIN_EXPLAINED_SHARE = 0.5;

  // Time constants of the running averages, in seconds.
  private static final double RECENT_SECONDS = 1;
  private static final double UNCHANGED_SECONDS = 2;
  private static final double STILL_SECONDS = 10;
  private static final double MOVING_SECONDS = 60;

  private final int threshold;
  private final double pixelArea;
  private final double minPixels;
  private final LumaScaler luma;
  private final Mat mask;
  private final int unmaskedPixels;

  private final Mat current = new Mat();
  private final Mat background = new Mat();
  private final Mat recent = new Mat();
  private final Mat litBackground = new Mat();
  private final Mat litRecent = new Mat();
  private final Mat average = new Mat();
  private final Mat changed = new Mat();
  private final Mat active = new Mat();
  private final Mat region;
  private final Mat moving;
  private final Mat scratch = new Mat();
  private final MatVector contours = new MatVector();
  private final Mat square;
  private final Size blur = new Size(3, 3);
  private final Scalar none = new Scalar(0);
  private final Scalar full = new Scalar(255);

  /** Null while nothing has changed for some time. */
  private LightChange light;

  private int quietFrames;

  /** The frame analysed last was compared with the averages in its own light. */
  private boolean lit;

  private int averaged;
  private long analysedMicros;
  private long updatedMicros;
  private double secondsSinceUpdate;

  /** Prepares for frames of a stream of this size in pixels; its frames may be smaller. */
  FrameMotionDetector(int width, int height, MotionSettings settings) {
    int minArea = settings.minArea().pixels(width, height);
    double scale = scale(width, height, minArea);
    int columns = (int) Math.max(1, Math.round(width / scale));
    int rows = (int) Math.max(1, Math.round(height / scale));
    this.threshold = settings.threshold();
    this.pixelArea = (double) width / columns * height / rows;
    this.minPixels = minArea / pixelArea;
    this.luma = new LumaScaler(columns, rows);
    this.mask = mask(settings.mask(), columns, rows);
    this.unmaskedPixels = Math.max(1, countNonZero(mask));
    this.region = new Mat(rows, columns, CV_8UC1);
    this.moving = new Mat(rows, columns, CV_8UC1);
    try (Size size = new Size(5, 5)) {
      this.square = getStructuringElement(MORPH_RECT, size);
    }
  }

  /** How many pixels of the stream a scaled pixel stands for, across and down. */
  private static double scale(int width, int height, int minArea) {
    double side = Math.max(width, height);
    double wanted = Math.max(DEFAULT_SIDE, side * Math.sqrt((double) MIN_PIXELS / minArea));
    return Math.max(1, side / Math.min(wanted, MAX_SIDE));
  }

  private static Mat mask(Optional<MotionMask> given, int columns, int rows) {
    Mat mask = new Mat(rows, columns, CV_8UC1);
    if (given.isEmpty()) {
      try (Scalar full = new Scalar(255)) {
        return mask.put(full);
      }
    }
    try (BytePointer bytes = new BytePointer(given.get().pixels());
        Mat whole = new Mat(given.get().height(), given.get().width(), CV_8UC1, bytes);
        Size size = new Size(columns, rows)) {
      resize(whole, mask, size, 0, 0, INTER_AREA);
    }
    threshold(mask, mask, 127, 255, THRESH_BINARY);
    return mask;
  }

  /**
   * Analyses a {@linkplain LumaScaler#isReadable readable} frame; {@link #updateBackground} must
   * follow.
   */
  FrameChange analyse(AVFrame frame, long ptsMicros) {
    return analyse(frame, ptsMicros, minPixels);
  }

  /**
   * Finds regions down to half the minimum area. If there is none, {@link #updateBackground} must
   * follow; otherwise the caller may go on as if the frame had not been analysed.
   */
  FrameChange analyseSensitively(AVFrame frame, long ptsMicros) {
    return analyse(frame, ptsMicros, minPixels / 2);
  }

  private FrameChange analyse(AVFrame frame, long ptsMicros, double minPixels) {
    GaussianBlur(luma.scale(frame), current, blur, 0);
    analysedMicros = ptsMicros;
    if (averaged == 0) {
      return new FrameChange(ptsMicros, 0, 0);
    }
    double share = markChanged();
    // Joins the pieces of one object without making it larger.
    morphologyEx(changed, changed, MORPH_CLOSE, square);
    markDifference(lit ? litRecent : recent, active);
    return new FrameChange(ptsMicros, largestMoving(minPixels) * pixelArea, share);
  }

  /**
   * Marks what differs from the background, which is seen in the frame's light if the light has
   * changed, and returns its share.
   */
  private double markChanged() {
    lit = false;
    double share = markDifference(background, changed);
    if (share * unmaskedPixels < minPixels / 2) {
      quietFrames++;
      if (quietFrames == MAX_QUIET_FRAMES) {
        closeLight();
      }
      return share;
    }
    quietFrames = 0;
    if (light == null) {
      light = new LightChange(mask);
    }
    if (light.isGlobal(current, background)) {
      light.adjust(background, current, litBackground);
      double rest = markDifference(litBackground, changed);
      lit = rest <= share * (1 - MIN_EXPLAINED_SHARE);
      if (lit) {
        light.adjust(recent, current, litRecent);
        return rest;
      }
      markDifference(background, changed);
    }
    return share;
  }

  private double markDifference(Mat from, Mat into) {
    from.convertTo(average, CV_8U);
    absdiff(current, average, into);
    threshold(into, into, threshold - 1.0, 255, THRESH_BINARY);
    bitwise_and(into, mask, into);
    return (double) countNonZero(into) / unmaskedPixels;
  }

  /** Marks what moves in {@link #moving} and returns its largest region's area in pixels. */
  private double largestMoving(double minPixels) {
    moving.put(none);
    double largest = 0;
    findContours(changed, contours, RETR_EXTERNAL, CHAIN_APPROX_NONE);
    for (int i = 0; i < contours.size(); i++) {
      double area = area(contours.get(i));
      if (area >= minPixels) {
        region.put(none);
        drawContours(region, contours, i, full, FILLED, LINE_8, null, 0, null);
        bitwise_and(region, active, scratch);
        if (countNonZero(scratch) >= minPixels * MIN_ACTIVE_SHARE) {
          bitwise_or(moving, region, moving);
          largest = Math.max(largest, area);
        }
      }
    }
    return largest;
  }

  private void closeLight() {
    if (light != null) {
      light.close();
      light = null;
      litBackground.release();
      litRecent.release();
    }
  }

  /** Pixels inside a contour and on it, by Pick's theorem: the contour runs through its pixels. */
  private static double area(Mat contour) {
    return contourArea(contour) + contour.total() / 2.0 + 1;
  }

  /** Takes the frame analysed last into the running averages. */
  void updateBackground(MotionStateMachine.BackgroundUpdate update) {
    secondsSinceUpdate = Math.max(0, analysedMicros - updatedMicros) / 1e6;
    updatedMicros = analysedMicros;
    if (lit) {
      litBackground.copyTo(background);
      litRecent.copyTo(recent);
      lit = false;
    }
    switch (update) {
      case RESTART -> {
        current.convertTo(background, CV_32F);
        current.convertTo(recent, CV_32F);
        averaged = 1;
      }
      case AVERAGE -> {
        averaged++;
        accumulateWeighted(current, background, 1.0 / averaged);
        accumulateWeighted(current, recent, Math.max(1.0 / averaged, weight(RECENT_SECONDS)));
      }
      case FOLLOW -> {
        // The faint edges of what has changed are not background.
        dilate(changed, changed, square);
        dilate(moving, moving, square);
        bitwise_not(changed, scratch);
        accumulateWeighted(current, background, weight(UNCHANGED_SECONDS), scratch);
        subtract(changed, moving, scratch);
        accumulateWeighted(current, background, weight(STILL_SECONDS), scratch);
        accumulateWeighted(current, background, weight(MOVING_SECONDS), moving);
        accumulateWeighted(current, recent, weight(RECENT_SECONDS));
      }
    }
  }

  /** The weight of a frame in an average over so many seconds, whatever the frame interval. */
  private double weight(double seconds) {
    return 1 - Math.exp(-secondsSinceUpdate / seconds);
  }

  @Override
  public void close() {
    closeLight();
    List.of(current, background, recent, average, changed, active, region, moving, scratch)
        .forEach(Pointer::close);
    List.of(mask, square, contours, blur, none, full, litBackground, litRecent)
        .forEach(Pointer::close);
    luma.close();
  }
}
