package org.shvideo.capture.motion;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.opencv.opencv_core.Mat;
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
import org.shvideo.tasks.settings.Settings;

/**
 * Analysis of a decoded frame of 1920×1080, and the scaling of its luma plane, which is a part of
 * it. In every second frame a person-sized block stands elsewhere, where one moves.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-XX:TieredStopAtLevel=1",
      "-Dorg.bytedeco.javacpp.maxBytes=0",
      "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"
    })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MotionBenchmark {
  private static final int WIDTH = 1920;
  private static final int HEIGHT = 1080;
  private static final long FRAME_MICROS = 200_000;

  @Param({"quiet", "moving"})
  private String scene;

  private final AVFrame[] frames = new AVFrame[2];
  private LumaScaler scaler;
  private FrameMotionDetector detector;
  private int frame;

  @Setup
  public void draw() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < frames.length; i++) {
      frames[i] = av_frame_alloc();
      frames[i].width(WIDTH).height(HEIGHT).format(AV_PIX_FMT_YUV420P);
      if (av_frame_get_buffer(frames[i], 0) < 0) {
        throw new IllegalStateException("FFmpeg has no memory");
      }
      byte[] row = new byte[WIDTH];
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          boolean inBlock = y > 300 && y < 700 && x > 500 + 200 * i && x < 640 + 200 * i;
          row[x] = (byte) ((scene.equals("moving") && inBlock ? 200 : 90) + random.nextInt(10));
        }
        frames[i].data(0).position((long) y * frames[i].linesize(0)).put(row, 0, WIDTH);
      }
    }
    scaler = new LumaScaler(320, 180);
    Settings settings = Settings.of(Map.of());
    detector = new FrameMotionDetector(WIDTH, HEIGHT, MotionSettings.from(settings));
    FrameChange unused = detector.analyse(frames[0], 0);
    detector.updateBackground(MotionStateMachine.BackgroundUpdate.RESTART);
  }

  @Benchmark
  public Mat scale() {
    return scaler.scale(frames[0]);
  }

  @Benchmark
  public FrameChange analyse() {
    frame++;
    FrameChange change = detector.analyse(frames[frame % frames.length], frame * FRAME_MICROS);
    detector.updateBackground(MotionStateMachine.BackgroundUpdate.FOLLOW);
    return change;
  }

  @TearDown
  public void close() {
    detector.close();
    scaler.close();
    for (AVFrame each : frames) {
      av_frame_free(each);
    }
  }
}
