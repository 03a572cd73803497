package org.shvideo.capture.motion;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/**
 * A drawn place as a camera's sensor sees it: a textured ground, what the painter draws onto it, a
 * light that may change, and noise that differs in every frame.
 */
final class Scene {
  /** Draws what is there at a time, in seconds. */
  interface Painter {
    void paint(Graphics2D picture, double seconds);
  }

  private final int width;
  private final int height;
  private final byte[] ground;
  private final byte[] noise;
  private final Random random = new Random(7);
  private final Painter painter;
  private final DoubleUnaryOperator gain;
  private final BufferedImage picture;

  private Scene(int width, int height, double sigma, Painter painter, DoubleUnaryOperator gain) {
    this.width = width;
    this.height = height;
    this.painter = painter;
    this.gain = gain;
    this.picture = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    this.ground = new byte[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        ground[y * width + x] = (byte) (110 + 15 * Math.sin(x / 9.0) * Math.cos(y / 13.0));
      }
    }
    this.noise = new byte[width * height + 9973];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) Math.max(-127, Math.min(127, Math.round(random.nextGaussian() * sigma)));
    }
  }

  static Scene of(int width, int height, Painter painter) {
    return new Scene(width, height, 6, painter, seconds -> 1);
  }

  /** The same under a light whose strength at a time is given, 1 being the usual one. */
  Scene lit(DoubleUnaryOperator strength) {
    return new Scene(width, height, 6, painter, strength);
  }

  /** The same through a sensor with another noise, given as its standard deviation. */
  Scene noisy(double sigma) {
    return new Scene(width, height, sigma, painter, gain);
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** The brightness at a time, row by row. */
  byte[] at(double seconds) {
    byte[] pixels = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
    System.arraycopy(ground, 0, pixels, 0, pixels.length);
    Graphics2D graphics = picture.createGraphics();
    painter.paint(graphics, seconds);
    graphics.dispose();
    int light = (int) Math.round(gain.applyAsDouble(seconds) * 256);
    int shift = random.nextInt(9973);
    byte[] seen = new byte[pixels.length];
    for (int i = 0; i < seen.length; i++) {
      int level = (((pixels[i] & 0xFF) * light) >> 8) + noise[i + shift];
      seen[i] = (byte) Math.max(0, Math.min(255, level));
    }
    return seen;
  }

  /** A box of a grey level with its upper left corner at a place. */
  static void box(Graphics2D picture, double x, double y, int width, int height, int grey) {
    picture.setColor(new Color(grey, grey, grey));
    picture.fillRect((int) Math.round(x), (int) Math.round(y), width, height);
  }
}
