package org.shvideo.capture.record;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.shvideo.capture.stream.Packet;

/**
 * A packet goes through the pre-roll: 25 a second, 4 Mbit/s, a keyframe every two seconds, five
 * seconds held. {@code packet} is its making and freeing alone, which the ring does not add.
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
public class PreRollBenchmark {
  private static final int GOP = 50;
  private static final int FRAME_MICROS = 40_000;
  private static final int KEYFRAME_BYTES = 120_000;
  private static final int BYTES = 18_000;

  private PreRollBuffer buffer;
  private long number;

  @Setup
  public void fill() {
    buffer = new PreRollBuffer(Duration.ofSeconds(5), 64L << 20, AV_CODEC_ID_H264);
    for (int i = 0; i < 10 * GOP; i++) {
      append();
    }
  }

  @Benchmark
  public void packet() {
    next().close();
  }

  @Benchmark
  public void append() {
    buffer.add(next());
  }

  private Packet next() {
    boolean keyframe = number % GOP == 0;
    AVPacket data = av_packet_alloc();
    if (av_new_packet(data, keyframe ? KEYFRAME_BYTES : BYTES) < 0) {
      throw new IllegalStateException("FFmpeg has no memory");
    }
    data.flags(keyframe ? AV_PKT_FLAG_KEY : 0);
    long micros = number++ * FRAME_MICROS;
    return new Packet(data, micros, micros, 0);
  }

  @TearDown
  public void close() {
    buffer.close();
  }
}
