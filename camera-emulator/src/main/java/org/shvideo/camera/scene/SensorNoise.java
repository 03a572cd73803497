package org.shvideo.camera.scene;

import java.util.Random;
import java.util.random.RandomGenerator;

/** The grey noise of a camera's sensor: different in each frame, reproducible for a frame. */
final class SensorNoise {
  private static final int TABLE_SIZE = 1 << 18;

  private final byte[] table = new byte[TABLE_SIZE];
  private final long seed;

  /** Prepares noise with this standard deviation of a pixel's brightness, in 1/255. */
  SensorNoise(double deviation, long seed) {
    this.seed = seed;
    RandomGenerator random = new Random(seed);
    for (int i = 0; i < TABLE_SIZE; i++) {
      table[i] = (byte) Math.max(-127, Math.min(127, random.nextGaussian() * deviation));
    }
  }

  /** Adds the noise of a frame to pixels of three bytes. */
  void add(byte[] pixels, int frame) {
    int at = new Random(seed + frame).nextInt() & (TABLE_SIZE - 1);
    for (int i = 0; i < pixels.length; i += 3) {
      int noise = table[at];
      at = (at + 1) & (TABLE_SIZE - 1);
      pixels[i] = brighten(pixels[i], noise);
      pixels[i + 1] = brighten(pixels[i + 1], noise);
      pixels[i + 2] = brighten(pixels[i + 2], noise);
    }
  }

  private static byte brighten(byte value, int noise) {
    int sum = (value & 0xFF) + noise;
    return (byte) ((sum & ~0xFF) == 0 ? sum : sum < 0 ? 0 : 255);
  }
}
