package org.shvideo.worker.yolo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.shvideo.worker.yolo.NonMaxSuppression.Candidate;

/** What the model puts out becomes boxes: 84 planes, one value a row, 20 candidates an object. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SuppressionBenchmark {
  private static final int CLASSES = 80;
  private static final int CANDIDATES_EACH = 20;

  /** Of 640×640 and of 384×640. */
  @Param({"8400", "5040"})
  private int rows;

  @Param({"3", "30"})
  private int objects;

  private final YoloOutput output = new YoloOutput(CLASSES, 0.25f);
  private final NonMaxSuppression suppression = new NonMaxSuppression(0.7f);
  private FloatBuffer raw;
  private List<Candidate> candidates;

  @Setup
  public void placeObjects() {
    SplittableRandom random = new SplittableRandom(7);
    raw =
        ByteBuffer.allocateDirect(Float.BYTES * (4 + CLASSES) * rows)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    for (int i = 4 * rows; i < raw.capacity(); i++) {
      raw.put(i, (float) random.nextDouble(0.01));
    }
    for (int object = 0; object < objects; object++) {
      double x = random.nextDouble(50, 590);
      double y = random.nextDouble(50, 334);
      int label = random.nextInt(3);
      for (int i = 0; i < CANDIDATES_EACH; i++) {
        int row = random.nextInt(rows);
        raw.put(row, (float) (x + random.nextDouble(4)));
        raw.put(rows + row, (float) (y + random.nextDouble(4)));
        raw.put(2 * rows + row, 60);
        raw.put(3 * rows + row, 90);
        raw.put((4 + label) * rows + row, (float) random.nextDouble(0.3, 0.95));
      }
    }
    candidates = output.candidates(raw, rows);
  }

  @Benchmark
  public List<Candidate> candidates() {
    return output.candidates(raw, rows);
  }

  @Benchmark
  public List<Candidate> suppression() {
    return suppression.keep(candidates);
  }
}
