package org.shvideo.worker.yolo;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.shvideo.worker.clip.ClipFrame;

/**
 * How a frame is fitted into the model's input and boxes are fitted back, as Ultralytics' {@code
 * LetterBox} and {@code scale_boxes} do it: the long side becomes 640 pixels, the short side keeps
 * the proportions and is padded with grey to the next multiple of 32, or to 640 for a model that
 * takes nothing else. Scaling is bilinear with 11-bit weights, as OpenCV's {@code INTER_LINEAR} on
 * bytes. Immutable and thread-safe.
 */
final class Letterbox {
  /** The model's input size, pixels; its long side. */
  static final int SIZE = 640;

  /** The model's coarsest stride: both sides of its input are multiples of this. */
  static final int STRIDE = 32;

  private static final int PAD_GREY = 114;
  private static final int WEIGHT_BITS = 11;
  private static final int CHANNELS = 3;
  private static final float[] UNIT = new float[256];

  static {
    for (int value = 0; value < UNIT.length; value++) {
      UNIT[value] = value / 255f;
    }
  }

  // Of the model's input, pixels.
  final int width;
  final int height;
  // Of the frame within the input, pixels.
  final int left;
  final int top;
  final int innerWidth;
  final int innerHeight;
  private final int frameWidth;
  private final int frameHeight;
  private final double scale;
  private final Taps columns;
  private final Taps rows;

  /**
   * @param square whether the model takes 640×640 only
   */
  Letterbox(int frameWidth, int frameHeight, boolean square) {
    if (frameWidth < 1 || frameHeight < 1) {
      throw new IllegalArgumentException("a frame of " + frameWidth + "×" + frameHeight);
    }
    this.frameWidth = frameWidth;
    this.frameHeight = frameHeight;
    scale = Math.min((double) SIZE / frameWidth, (double) SIZE / frameHeight);
    // rint rounds halves to even, as Python's round does.
    innerWidth = Math.max(1, (int) Math.rint(frameWidth * scale));
    innerHeight = Math.max(1, (int) Math.rint(frameHeight * scale));
    int padWidth = SIZE - innerWidth;
    int padHeight = SIZE - innerHeight;
    if (!square) {
      padWidth %= STRIDE;
      padHeight %= STRIDE;
    }
    width = innerWidth + padWidth;
    height = innerHeight + padHeight;
    // An odd pixel of padding goes to the right and the bottom.
    left = (int) Math.rint(padWidth / 2.0 - 0.1);
    top = (int) Math.rint(padHeight / 2.0 - 0.1);
    columns = new Taps(frameWidth, innerWidth);
    rows = new Taps(frameHeight, innerHeight);
  }

  boolean fits(ClipFrame frame) {
    return frame.width() == frameWidth && frame.height() == frameHeight;
  }

  /** Writes the frame as the model wants it, from index 0: planes of red, green, blue, 0 to 1. */
  void write(ClipFrame frame, FloatBuffer input) {
    int plane = width * height;
    float grey = UNIT[PAD_GREY];
    for (int row = 0; row < height; row++) {
      if (row < top || row >= top + innerHeight) {
        fill(input, row * width, (row + 1) * width, grey);
      } else {
        fill(input, row * width, row * width + left, grey);
        fill(input, row * width + left + innerWidth, (row + 1) * width, grey);
      }
    }
    byte[] bytes = new byte[frameWidth * CHANNELS];
    int[] upper = new int[innerWidth * CHANNELS];
    int[] lower = new int[innerWidth * CHANNELS];
    int[] levels = new int[innerWidth * CHANNELS];
    float[] out = new float[innerWidth * CHANNELS];
    int upperRow = -1;
    int lowerRow = -1;
    for (int y = 0; y < innerHeight; y++) {
      int first = rows.first[y];
      int second = rows.second[y];
      if (first == lowerRow) {
        int[] swapped = upper;
        upper = lower;
        lower = swapped;
        upperRow = lowerRow;
        lowerRow = -1;
      }
      if (first != upperRow) {
        stretch(frame, first, bytes, upper);
        upperRow = first;
      }
      // At a whole odd scale, as of 1920×1080, every row lies on one of the frame's.
      if (rows.weight[y] != 0 && second != lowerRow) {
        stretch(frame, second, bytes, lower);
        lowerRow = second;
      }
      int weight = rows.weight[y];
      int rest = (1 << WEIGHT_BITS) - weight;
      int start = (top + y) * width + left;
      // Apart from the table, so that the compiler makes vectors of this.
      for (int i = 0; i < levels.length; i++) {
        int sum = ((rest * (upper[i] >> 4)) >> 16) + ((weight * (lower[i] >> 4)) >> 16);
        levels[i] = (sum + 2) >> 2;
      }
      for (int i = 0; i < out.length; i++) {
        out[i] = UNIT[levels[i]];
      }
      for (int channel = 0; channel < CHANNELS; channel++) {
        // BGR in the frame, RGB in the input
        input.put((CHANNELS - 1 - channel) * plane + start, out, channel * innerWidth, innerWidth);
      }
    }
  }

  /** Fills the same range of each plane. */
  private void fill(FloatBuffer input, int from, int to, float value) {
    int plane = width * height;
    for (int i = from; i < to; i++) {
      input.put(i, value);
      input.put(plane + i, value);
      input.put(2 * plane + i, value);
    }
  }

  /** One row of the frame at the inner width, channel after channel, values times 2048. */
  private void stretch(ClipFrame frame, int row, byte[] bytes, int[] stretched) {
    ByteBuffer pixels = frame.pixels();
    pixels.get(row * frame.stride(), bytes);
    for (int x = 0; x < innerWidth; x++) {
      int first = columns.first[x] * CHANNELS;
      int second = columns.second[x] * CHANNELS;
      int weight = columns.weight[x];
      int rest = (1 << WEIGHT_BITS) - weight;
      stretched[x] = rest * (bytes[first] & 0xff) + weight * (bytes[second] & 0xff);
      stretched[innerWidth + x] =
          rest * (bytes[first + 1] & 0xff) + weight * (bytes[second + 1] & 0xff);
      stretched[2 * innerWidth + x] =
          rest * (bytes[first + 2] & 0xff) + weight * (bytes[second + 2] & 0xff);
    }
  }

  /** A box of the model's input as a box of the frame, clipped to it. */
  Box toFrame(Box box) {
    return new Box(
        clip((box.left() - left) / scale, frameWidth),
        clip((box.top() - top) / scale, frameHeight),
        clip((box.right() - left) / scale, frameWidth),
        clip((box.bottom() - top) / scale, frameHeight));
  }

  private static float clip(double value, int most) {
    return (float) Math.max(0, Math.min(most, value));
  }

  /** For each position along one side, the two source positions it lies between, and where. */
  private static final class Taps {
    final int[] first;
    final int[] second;

    /** Of the second, in 1/2048. */
    final int[] weight;

    Taps(int from, int to) {
      first = new int[to];
      second = new int[to];
      weight = new int[to];
      double step = (double) from / to;
      for (int i = 0; i < to; i++) {
        float at = (float) ((i + 0.5) * step - 0.5);
        int floor = (int) Math.floor(at);
        first[i] = Math.max(0, Math.min(from - 1, floor));
        second[i] = Math.max(0, Math.min(from - 1, floor + 1));
        weight[i] = (int) Math.rint((at - floor) * (1 << WEIGHT_BITS));
      }
    }
  }
}
