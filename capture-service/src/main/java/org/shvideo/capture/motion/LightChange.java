package org.shvideo.capture.motion;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_32FC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.LUT;
import static org.bytedeco.opencv.global.opencv_core.add;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.THRESH_BINARY;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;
import static org.bytedeco.opencv.global.opencv_imgproc.threshold;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Tells changes of light from things that move: clouds, dusk, a camera that adjusts its exposure.
 * Light changes most of the picture, and places of the same brightness alike. Not thread-safe.
 */
final class LightChange implements AutoCloseable {
  /** So many blocks are compared across and down. */
  private static final int COLUMNS = 8;

  private static final int ROWS = 6;

  /** This share of the blocks must have become brighter, or darker, for a change of the light. */
  private static final double GLOBAL_SHARE = 0.6;

  /** A block has become brighter or darker if its mean changed by this share. */
  private static final double MIN_BLOCK_CHANGE = 0.03;

  /** Darker blocks hardly show a change of the light, nor do those that are brighter than white. */
  private static final int MIN_LEVEL = 16;

  private static final int MAX_LEVEL = 250;

  /** Brighter places may have been too bright for the sensor. */
  private static final int MAX_TRUE_LEVEL = 235;

  /** Brightness levels are compared in groups of so many. */
  private static final int GROUP = 8;

  /** A group with fewer pixels takes its change from its neighbours. */
  private static final int MIN_GROUP_PIXELS = 40;

  private final byte[] mask;
  private final byte[] before;
  private final byte[] after;
  private final Mat levels = new Mat();
  private final Mat table = new Mat(1, 256, CV_32FC1);
  private final Mat shift = new Mat();
  private final Mat clipped = new Mat();
  private final Mat blocksBefore = new Mat();
  private final Mat blocksAfter = new Mat();
  private final Size blocks = new Size(COLUMNS, ROWS);

  /** For pictures of the mask's size; where it is 0, nothing is looked at. */
  LightChange(Mat mask) {
    this.mask = bytes(mask, null);
    this.before = new byte[this.mask.length];
    this.after = new byte[this.mask.length];
  }

  /** Whether most of the picture has become brighter, or most of it darker. */
  boolean isGlobal(Mat current, Mat background) {
    background.convertTo(levels, CV_8U);
    resize(levels, blocksBefore, blocks, 0, 0, INTER_AREA);
    resize(current, blocksAfter, blocks, 0, 0, INTER_AREA);
    byte[] was = bytes(blocksBefore, null);
    byte[] is = bytes(blocksAfter, null);
    int compared = 0;
    int brighter = 0;
    int darker = 0;
    for (int i = 0; i < was.length; i++) {
      double old = was[i] & 0xFF;
      double now = is[i] & 0xFF;
      if (old >= MIN_LEVEL && Math.min(old, now) <= MAX_LEVEL) {
        compared++;
        brighter += now > old * (1 + MIN_BLOCK_CHANGE) ? 1 : 0;
        darker += now < old * (1 - MIN_BLOCK_CHANGE) ? 1 : 0;
      }
    }
    return compared > 0 && Math.max(brighter, darker) >= GLOBAL_SHARE * compared;
  }

  /**
   * Changes an average of earlier pictures to what it would be in the light of the current one: for
   * places of each brightness, by the median of their changes, whatever the camera's gamma is.
   *
   * @param average of floats
   * @param adjusted receives the result; not the average itself
   */
  void adjust(Mat average, Mat current, Mat adjusted) {
    average.convertTo(levels, CV_8U);
    bytes(levels, before);
    bytes(current, after);
    try (FloatPointer values = new FloatPointer(table.data())) {
      values.put(shifts());
    }
    LUT(levels, table, shift);
    add(average, shift, adjusted);
    // What was too bright for the sensor may be anything in another light.
    threshold(levels, clipped, MAX_TRUE_LEVEL, 255, THRESH_BINARY);
    current.convertTo(shift, CV_32F);
    shift.copyTo(adjusted, clipped);
  }

  /** How much brighter each level has become. */
  private float[] shifts() {
    int[][] histogram = new int[256 / GROUP][256];
    int[] pixels = new int[256 / GROUP];
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] != 0) {
        int group = (before[i] & 0xFF) / GROUP;
        histogram[group][after[i] & 0xFF]++;
        pixels[group]++;
      }
    }
    float[] shifts = new float[256];
    int known = -1;
    for (int group = 0; group < pixels.length; group++) {
      if (pixels[group] >= MIN_GROUP_PIXELS) {
        int middle = middle(group);
        float change = median(histogram[group], pixels[group]) - middle;
        shifts[middle] = change;
        if (known < 0) {
          // The darker, the less: black stays black.
          for (int level = 0; level < middle; level++) {
            shifts[level] = change * level / middle;
          }
        }
        for (int level = Math.max(known, 0) + 1; known >= 0 && level < middle; level++) {
          shifts[level] =
              shifts[known] + (change - shifts[known]) * (level - known) / (middle - known);
        }
        known = middle;
      }
    }
    Arrays.fill(shifts, Math.max(known, 0), 256, known < 0 ? 0 : shifts[known]);
    return shifts;
  }

  private static int middle(int group) {
    return group * GROUP + GROUP / 2;
  }

  private static int median(int[] histogram, int count) {
    int below = 0;
    for (int level = 0; level < histogram.length; level++) {
      below += histogram[level];
      if (2 * below >= count) {
        return level;
      }
    }
    throw new IllegalArgumentException("fewer than " + count + " pixels");
  }

  /** A picture's pixels, in an array of that size or a new one. */
  private static byte[] bytes(Mat picture, byte[] into) {
    byte[] pixels = into == null ? new byte[(int) picture.total()] : into;
    picture.data().get(pixels);
    return pixels;
  }

  @Override
  public void close() {
    List.of(levels, table, shift, clipped, blocksBefore, blocksAfter, blocks)
        .forEach(Pointer::close);
  }
}
