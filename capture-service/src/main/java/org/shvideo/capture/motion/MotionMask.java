package org.shvideo.capture.motion;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * The part of the picture in which motion counts, as a picture of any size that is stretched to the
 * stream's. White parts count; black or transparent parts are ignored; grey goes to the nearer of
 * the two. Immutable.
 */
public final class MotionMask {
  private static final int HALF = 128;

  private final int width;
  private final int height;
  private final byte[] pixels;

  private MotionMask(int width, int height, byte[] pixels) {
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }

  /**
   * Reads a mask from a PNG: grey, coloured, with a palette or with transparency.
   *
   * @throws IOException if it cannot be read or ignores everything; the message continues the
   *     setting's name
   */
  static MotionMask read(Path file) throws IOException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new IOException(
          "names a file that cannot be read: " + file + "; check the path and its permissions");
    }
    BufferedImage picture;
    try {
      picture = ImageIO.read(file.toFile());
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers throw more than IOException for damaged pictures.
      throw new IOException("names a damaged picture: " + file + "; save it again as a PNG", e);
    }
    if (picture == null) {
      throw new IOException("names a file that is not a picture: " + file + "; save it as a PNG");
    }
    return of(picture, file);
  }

  private static MotionMask of(BufferedImage picture, Path file) throws IOException {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] argb = picture.getRGB(0, 0, width, height, null, 0, width);
    byte[] pixels = new byte[argb.length];
    boolean any = false;
    for (int i = 0; i < argb.length; i++) {
      if (counts(argb[i])) {
        pixels[i] = (byte) 255;
        any = true;
      }
    }
    if (!any) {
      throw new IOException(
          "ignores the whole picture: "
              + file
              + "; paint white where motion counts (black or transparent is ignored)");
    }
    return new MotionMask(width, height, pixels);
  }

  private static boolean counts(int argb) {
    int alpha = argb >>> 24;
    int brightest =
        Math.max(argb >> 16 & 0xFF, Math.max(argb >> 8 & 0xFF, argb & 0xFF)); // of R, G and B
    return alpha >= HALF && brightest >= HALF;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Row by row, 255 where motion counts, otherwise 0; must not be modified. */
  byte[] pixels() {
    return pixels;
  }
}
