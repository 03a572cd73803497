package org.shvideo.worker.clip;

/** A frame's brightness, scaled down: what frames are compared by. Immutable. */
public final class Luma {
  private final int width;
  private final int height;
  private final byte[] pixels;

  /**
   * @param pixels row by row, unsigned; not copied
   */
  Luma(int width, int height, byte[] pixels) {
    if (pixels.length != width * height) {
      throw new IllegalArgumentException(pixels.length + " bytes for " + width + "×" + height);
    }
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** 0 to 255. */
  int at(int x, int y) {
    return pixels[y * width + x] & 0xff;
  }
}
