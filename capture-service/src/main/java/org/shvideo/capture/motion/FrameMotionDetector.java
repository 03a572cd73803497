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
 * Measures what moves from frame to frame. Not thread-safe.
 *
 * <p>Frames are compared, small and slightly blurred, with two running averages: the
 * <em>reference</em>, how the place usually looks, and the <em>recent</em> past, about a second. A
 * region moves where it differs from the reference, which gives its size, and something in it
 * differs from the recent past, which tells what walks from what was parked or has just left. So a
 * slow walker is seen whole, a parked car is motion for a few seconds only, and slow changes of
 * light are none at all.
 *
 * <p>The reference follows the picture quickly where nothing has changed, slowly where something
 * lies still, and hardly at all where something moves, so that nobody becomes part of the furniture
 * while they are looked at.
 *
 * <p>The constants were chosen on drawn scenes with sensor noise and on footage of people and cars;
 * {@code docs/design/motion.md} tells how.
 */
final class FrameMotionDetector implements AutoCloseable {
  static {
    // OpenCV would start a thread for each core, which pictures as small as ours only slow down.
    setNumThreads(1);
  }

  /** Decoders need not deliver frames with a longer side than this. */
  static final int LARGEST_LONG_SIDE = 640;

  /** The working picture's long side where the smallest area allows it. */
  private static final int LONG_SIDE = 320;

  /** The smallest region that counts has this many working pixels, or noise could pass for it. */
  private static final int LEAST_PIXELS = 100;

  /** As much of the smallest area that counts must differ from the recent past. */
  private static final double ALIVE_SHARE = 0.05;

  // Time constants of the running averages, in seconds.
  private static final double RECENT = 1;
  private static final double UNCHANGED = 2;
  private static final double STILL = 10;
  private static final double MOVING = 60;

  private final int threshold;
  private final double pixelArea;
  private final double leastPixels;
  private final LumaScaler luma;
  private final Mat mask;
  private final int lookedAt;

  private final Mat current = new Mat();
  private final Mat reference = new Mat();
  private final Mat recent = new Mat();
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

  private int learnt;
  private long lookedMicros;
  private long learntMicros;
  private double secondsSince;

  /**
   * Prepares for frames of one stream.
   *
   * @param width of the stream, in pixels; its frames may be smaller
   * @param height of the stream, in pixels
   */
  FrameMotionDetector(int width, int height, MotionSettings settings) {
    double scale = scale(width, height, settings.minArea());
    int columns = (int) Math.max(1, Math.round(width / scale));
    int rows = (int) Math.max(1, Math.round(height / scale));
    this.threshold = settings.threshold();
    this.pixelArea = (double) width / columns * height / rows;
    this.leastPixels = settings.minArea() / pixelArea;
    this.luma = new LumaScaler(columns, rows);
    this.mask = mask(settings.mask(), columns, rows);
    this.lookedAt = Math.max(1, countNonZero(mask));
    this.region = new Mat(rows, columns, CV_8UC1);
    this.moving = new Mat(rows, columns, CV_8UC1);
    try (Size size = new Size(5, 5)) {
      this.square = getStructuringElement(MORPH_RECT, size);
    }
  }

  /** How many pixels of the stream a working pixel stands for, across and down. */
  private static double scale(int width, int height, int minArea) {
    double side = Math.max(width, height);
    double wanted = Math.max(LONG_SIDE, side * Math.sqrt((double) LEAST_PIXELS / minArea));
    return Math.max(1, side / Math.min(wanted, LARGEST_LONG_SIDE));
  }

  private static Mat mask(Optional<MotionMask> given, int columns, int rows) {
    Mat mask = new Mat(rows, columns, CV_8UC1);
    if (given.isEmpty()) {
      try (Scalar full = new Scalar(255)) {
        return mask.put(full);
      }
    }
    try (BytePointer bytes = new BytePointer(given.get().looked());
        Mat whole = new Mat(given.get().height(), given.get().width(), CV_8UC1, bytes);
        Size size = new Size(columns, rows)) {
      resize(whole, mask, size, 0, 0, INTER_AREA);
    }
    threshold(mask, mask, 127, 255, THRESH_BINARY);
    return mask;
  }

  /** Looks at one {@linkplain LumaScaler#isReadable readable} frame; {@link #learn} must follow. */
  FrameChange look(AVFrame frame, long ptsMicros) {
    return look(frame, ptsMicros, leastPixels);
  }

  /**
   * Looks for regions down to half the smallest area that counts. When there is none, {@link
   * #learn} must follow; else the frame can be left as if it had not been looked at.
   */
  FrameChange glance(AVFrame frame, long ptsMicros) {
    return look(frame, ptsMicros, leastPixels / 2);
  }

  private FrameChange look(AVFrame frame, long ptsMicros, double least) {
    GaussianBlur(luma.of(frame), current, blur, 0);
    lookedMicros = ptsMicros;
    if (learnt == 0) {
      return new FrameChange(ptsMicros, 0, 0);
    }
    markDifference(reference, changed);
    double share = (double) countNonZero(changed) / lookedAt;
    // Joins the pieces of one body without making it larger.
    morphologyEx(changed, changed, MORPH_CLOSE, square);
    markDifference(recent, active);
    return new FrameChange(ptsMicros, largestMoving(least) * pixelArea, share);
  }

  private void markDifference(Mat from, Mat into) {
    from.convertTo(average, CV_8U);
    absdiff(current, average, into);
    threshold(into, into, threshold - 1.0, 255, THRESH_BINARY);
    bitwise_and(into, mask, into);
  }

  /** Marks what moves in {@link #moving} and returns its largest region's area in pixels. */
  private double largestMoving(double least) {
    moving.put(none);
    double largest = 0;
    findContours(changed, contours, RETR_EXTERNAL, CHAIN_APPROX_NONE);
    for (int i = 0; i < contours.size(); i++) {
      double area = area(contours.get(i));
      if (area >= least) {
        region.put(none);
        drawContours(region, contours, i, full, FILLED, LINE_8, null, 0, null);
        bitwise_and(region, active, scratch);
        if (countNonZero(scratch) >= least * ALIVE_SHARE) {
          bitwise_or(moving, region, moving);
          largest = Math.max(largest, area);
        }
      }
    }
    return largest;
  }

  /** Pixels within a contour, its own included: by Pick's theorem, as it runs through them. */
  private static double area(Mat contour) {
    return contourArea(contour) + contour.total() / 2.0 + 1;
  }

  /** Takes the frame last looked at into what is known of the place. */
  void learn(MotionStateMachine.Learning learning) {
    secondsSince = Math.max(0, lookedMicros - learntMicros) / 1e6;
    learntMicros = lookedMicros;
    switch (learning) {
      case RESTART -> {
        current.convertTo(reference, CV_32F);
        current.convertTo(recent, CV_32F);
        learnt = 1;
      }
      case AVERAGE -> {
        learnt++;
        accumulateWeighted(current, reference, 1.0 / learnt);
        accumulateWeighted(current, recent, Math.max(1.0 / learnt, weight(RECENT)));
      }
      case FOLLOW -> {
        // The faint edges of what has changed are not to be taken for the place.
        dilate(changed, changed, square);
        dilate(moving, moving, square);
        bitwise_not(changed, scratch);
        accumulateWeighted(current, reference, weight(UNCHANGED), scratch);
        subtract(changed, moving, scratch);
        accumulateWeighted(current, reference, weight(STILL), scratch);
        accumulateWeighted(current, reference, weight(MOVING), moving);
        accumulateWeighted(current, recent, weight(RECENT));
      }
    }
  }

  /** The share of one more frame in an average of so many seconds, however far frames lie apart. */
  private double weight(double seconds) {
    return 1 - Math.exp(-secondsSince / seconds);
  }

  @Override
  public void close() {
    List.of(current, reference, recent, average, changed, active, region, moving, scratch)
        .forEach(Pointer::close);
    List.of(mask, square, contours, blur, none, full).forEach(Pointer::close);
    luma.close();
  }
}
