package org.shvideo.capture.motion;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * The part of the picture that is looked at: a picture of any size, stretched over the stream's.
 * White is looked at; black or transparent is ignored; what lies between goes to the nearer.
 * Immutable.
 */
public final class MotionMask {
  private static final int HALF = 128;

  private final int width;
  private final int height;
  private final byte[] looked;

  private MotionMask(int width, int height, byte[] looked) {
    this.width = width;
    this.height = height;
    this.looked = looked;
  }

  /**
   * Reads a mask from a PNG, grey, coloured, with a palette or with transparency.
   *
   * @throws IOException when it cannot be read or leaves nothing to look at; its message goes on
   *     from the setting's name
   */
  static MotionMask read(Path file) throws IOException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new IOException(
          "names a file that cannot be read: " + file + "; check the path and who may read it");
    }
    BufferedImage picture;
    try {
      picture = ImageIO.read(file.toFile());
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers let more than IOException out where a picture is damaged.
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
    byte[] looked = new byte[argb.length];
    boolean any = false;
    for (int i = 0; i < argb.length; i++) {
      if (isLookedAt(argb[i])) {
        looked[i] = (byte) 255;
        any = true;
      }
    }
    if (!any) {
      throw new IOException(
          "hides the whole picture: "
              + file
              + "; paint white what is to be looked at (black or transparent is ignored)");
    }
    return new MotionMask(width, height, looked);
  }

  private static boolean isLookedAt(int argb) {
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

  /** Row by row, 255 where the picture is looked at, else 0; not to be written to. */
  byte[] looked() {
    return looked;
  }
}
