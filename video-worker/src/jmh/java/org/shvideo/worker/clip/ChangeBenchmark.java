package org.shvideo.worker.clip;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Adaptive sampling's comparison of two small pictures of 160×90, with a sensor's noise. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChangeBenchmark {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 90;

  private Luma before;
  private Luma after;

  @Setup
  public void drawNoise() {
    SplittableRandom random = new SplittableRandom(7);
    before = noise(random);
    after = noise(random);
  }

  private static Luma noise(SplittableRandom random) {
    byte[] pixels = new byte[WIDTH * HEIGHT];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextInt(100, 110);
    }
    return new Luma(WIDTH, HEIGHT, pixels);
  }

  @Benchmark
  public boolean comparison() {
    return AdaptiveSampler.changed(before, after, false);
  }
}
