package org.shvideo.worker.clip;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.nio.ByteBuffer;
import org.bytedeco.javacv.Frame;
import org.bytedeco.javacv.Java2DFrameConverter;

/**
 * A decoded picture, by itself or as a frame of a clip: rows of blue, green, red bytes. Owns its
 * native memory until closed. May be read by several threads at once, but not while it is closed.
 */
public final class ClipFrame implements AutoCloseable {
  private static final int CHANNELS = 3;

  /**
   * Rows are as long as those of a picture whose width is a multiple of this. FFmpeg's converters
   * work on up to 32 pixels at once: with less room they leave out the last columns of a row or
   * write past the end of the last one.
   */
  private static final int WIDTH_ALIGNMENT = 64;

  private final int index;
  private final double seconds;
  private final Frame picture;

  ClipFrame(int index, double seconds, int width, int height) {
    this.index = index;
    this.seconds = seconds;
    int stride = (width + WIDTH_ALIGNMENT - 1) / WIDTH_ALIGNMENT * WIDTH_ALIGNMENT * CHANNELS;
    picture = new Frame(width, height, Frame.DEPTH_UBYTE, CHANNELS, stride);
  }

  /** A still picture as the only frame of a clip. */
  public static ClipFrame of(BufferedImage image) {
    BufferedImage bgr =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    var graphics = bgr.createGraphics();
    graphics.drawImage(image, 0, 0, null);
    graphics.dispose();
    ClipFrame frame = new ClipFrame(0, 0, image.getWidth(), image.getHeight());
    byte[] bytes = ((DataBufferByte) bgr.getRaster().getDataBuffer()).getData();
    int row = frame.width() * CHANNELS;
    for (int y = 0; y < frame.height(); y++) {
      frame.pixels().put(y * frame.stride(), bytes, y * row, row);
    }
    return frame;
  }

  /** Its number in the clip, from 0. */
  public int index() {
    return index;
  }

  /** From the clip's start. */
  public double seconds() {
    return seconds;
  }

  /** In pixels. */
  public int width() {
    return picture.imageWidth;
  }

  /** In pixels. */
  public int height() {
    return picture.imageHeight;
  }

  /** Bytes from one row to the next. */
  public int stride() {
    return picture.imageStride;
  }

  /** The rows, borrowed: valid until {@link #close}. Use absolute positions. */
  public ByteBuffer pixels() {
    return (ByteBuffer) picture.image[0];
  }

  /** A copy as Java's own kind of picture. */
  public BufferedImage toImage() {
    try (var converter = new Java2DFrameConverter()) {
      return converter.convert(picture);
    }
  }

  @Override
  public void close() {
    picture.close();
  }
}
