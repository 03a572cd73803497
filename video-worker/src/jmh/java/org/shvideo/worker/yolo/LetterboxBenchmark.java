package org.shvideo.worker.yolo;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.shvideo.worker.clip.ClipFrame;

/** A frame becomes the model's input: scaled, padded, and split into planes of floats. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LetterboxBenchmark {
  @Param({"1920x1080", "768x432"})
  private String size;

  private ClipFrame frame;
  private Letterbox letterbox;
  private FloatBuffer input;

  @Setup
  public void drawNoise() {
    String[] sides = size.split("x", -1);
    BufferedImage image =
        new BufferedImage(
            Integer.parseInt(sides[0]), Integer.parseInt(sides[1]), BufferedImage.TYPE_3BYTE_BGR);
    new SplittableRandom(7)
        .nextBytes(((DataBufferByte) image.getRaster().getDataBuffer()).getData());
    frame = ClipFrame.of(image);
    letterbox = new Letterbox(frame.width(), frame.height(), false);
    input =
        ByteBuffer.allocateDirect(Float.BYTES * 3 * letterbox.width * letterbox.height)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
  }

  @Benchmark
  public FloatBuffer letterbox() {
    letterbox.write(frame, input);
    return input;
  }

  @TearDown
  public void close() {
    frame.close();
  }
}
