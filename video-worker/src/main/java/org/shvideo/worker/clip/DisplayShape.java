package org.shvideo.worker.clip;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.shvideo.ffmpeg.Frames;

/**
 * How a decoded picture is shown: pixels that are not square are stretched in width, then the
 * picture is turned and mirrored as the display matrix says, by multiples of 90 degrees.
 *
 * @param unturnedWidth in pixels, as the height, before turning
 * @param transposed whether rows become columns
 * @param mirrored whether the result is mirrored left to right
 * @param upsideDown whether the result is mirrored top to bottom
 */
record DisplayShape(
    int unturnedWidth,
    int unturnedHeight,
    boolean transposed,
    boolean mirrored,
    boolean upsideDown) {
  private static final int CHANNELS = 3;
  private static final double MAX_PIXEL_ASPECT = 4;

  /** Of the pictures that a stream declares. */
  static DisplayShape of(AVStream video, AVCodecContext context) {
    return of(
        context.width(),
        context.height(),
        aspect(video.sample_aspect_ratio(), context.sample_aspect_ratio()),
        Frames.displayMatrix(video.codecpar()));
  }

  /** Of one picture, which may differ from what its stream declares. */
  static DisplayShape of(AVStream video, AVFrame frame) {
    return of(
        frame.width(),
        frame.height(),
        aspect(video.sample_aspect_ratio(), frame.sample_aspect_ratio()),
        Frames.displayMatrix(frame));
  }

  private static double aspect(AVRational container, AVRational coded) {
    try (container;
        coded) {
      AVRational known = container.num() > 0 ? container : coded;
      return known.num() > 0 && known.den() > 0 ? (double) known.num() / known.den() : 1;
    }
  }

  private static DisplayShape of(int width, int height, double aspect, IntBuffer matrix) {
    boolean plausible = aspect <= MAX_PIXEL_ASPECT && aspect >= 1 / MAX_PIXEL_ASPECT;
    int shown = plausible ? Math.max(1, (int) Math.round(width * aspect)) : width;
    if (matrix == null) {
      return new DisplayShape(shown, height, false, false, false);
    }
    // x' = a x + c y, y' = b x + d y
    int a = matrix.get(0);
    int b = matrix.get(1);
    int c = matrix.get(3);
    int d = matrix.get(4);
    return Math.abs((long) a) >= Math.abs((long) b)
        ? new DisplayShape(shown, height, false, a < 0, d < 0)
        : new DisplayShape(shown, height, true, c < 0, b < 0);
  }

  /** Of the picture as it is shown, in pixels. */
  int width() {
    return transposed ? unturnedHeight : unturnedWidth;
  }

  /** Of the picture as it is shown, in pixels. */
  int height() {
    return transposed ? unturnedWidth : unturnedHeight;
  }

  /** Turns and mirrors a frame; takes it over where another is returned. */
  ClipFrame turned(ClipFrame frame) {
    if (!transposed && !mirrored && !upsideDown) {
      return frame;
    }
    try (frame) {
      ClipFrame shown = new ClipFrame(frame.index(), frame.seconds(), width(), height());
      ByteBuffer from = frame.pixels();
      ByteBuffer to = shown.pixels();
      int across = CHANNELS;
      int down = frame.stride();
      byte[] row = new byte[shown.width() * CHANNELS];
      for (int y = 0; y < shown.height(); y++) {
        int line = upsideDown ? shown.height() - 1 - y : y;
        for (int x = 0; x < shown.width(); x++) {
          int column = mirrored ? shown.width() - 1 - x : x;
          int source = transposed ? line * across + column * down : column * across + line * down;
          for (int i = 0; i < CHANNELS; i++) {
            row[x * CHANNELS + i] = from.get(source + i);
          }
        }
        to.put(y * shown.stride(), row);
      }
      return shown;
    }
  }
}
