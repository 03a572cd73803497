package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;

import java.util.function.LongUnaryOperator;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.ffmpeg.Packets;

/**
 * One encoded frame of a stream. Owns its native packet until closed. Not thread-safe.
 *
 * <p>Times are in microseconds from the beginning of the stream. {@code dtsMicros} strictly
 * increases, whatever the camera sent. The native packet has the same times, also in microseconds.
 *
 * @param data borrowed by callers, freed by {@link #close}
 * @param arrivalNanos {@link System#nanoTime} when it was received
 */
public record Packet(AVPacket data, long ptsMicros, long dtsMicros, long arrivalNanos)
    implements AutoCloseable {

  /**
   * What was learnt of the speed of a stream's timestamps: the times of earlier packets were wrong.
   *
   * @param untilMicros a time that stays as it is, and so do later ones
   * @param factor by which the time from an earlier packet to this one is to be multiplied
   */
  public record SpeedCorrection(long untilMicros, double factor) implements LongUnaryOperator {
    /** The right time for one from before. */
    @Override
    public long applyAsLong(long micros) {
      return micros < untilMicros
          ? untilMicros - Math.round((untilMicros - micros) * factor)
          : micros;
    }
  }

  public Packet {
    data.pts(ptsMicros).dts(dtsMicros);
  }

  /** The same packet at another time; this one is not to be closed then. */
  public Packet retimed(LongUnaryOperator time) {
    return new Packet(data, time.applyAsLong(ptsMicros), time.applyAsLong(dtsMicros), arrivalNanos);
  }

  /** Another reference to the same data, to be closed on its own. */
  public Packet newReference() {
    return new Packet(Packets.share(data), ptsMicros, dtsMicros, arrivalNanos);
  }

  public boolean keyframe() {
    return (data.flags() & AV_PKT_FLAG_KEY) != 0;
  }

  /** In bytes. */
  public int size() {
    return data.size();
  }

  @Override
  public void close() {
    Packets.free(data);
  }
}
