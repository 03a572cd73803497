package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;

import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.ffmpeg.Packets;

/**
 * One encoded frame of a stream. Owns its native packet until closed. Not thread-safe.
 *
 * <p>Times are in microseconds from the beginning of the stream. {@code dts} strictly increases,
 * whatever the camera sent. The native packet has the same times, also in microseconds.
 */
public final class Packet implements AutoCloseable {
  private final AVPacket data;
  private final long ptsMicros;
  private final long dtsMicros;
  private final long arrivalNanos;

  /**
   * @param owned freed by {@link #close}
   * @param arrivalNanos {@link System#nanoTime} when it was received
   */
  public Packet(AVPacket owned, long ptsMicros, long dtsMicros, long arrivalNanos) {
    this.data = owned;
    owned.pts(ptsMicros).dts(dtsMicros);
    this.ptsMicros = ptsMicros;
    this.dtsMicros = dtsMicros;
    this.arrivalNanos = arrivalNanos;
  }

  /** The native packet; borrowed, valid until {@link #close}. */
  public AVPacket data() {
    return data;
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

  public long ptsMicros() {
    return ptsMicros;
  }

  public long dtsMicros() {
    return dtsMicros;
  }

  public long arrivalNanos() {
    return arrivalNanos;
  }

  @Override
  public void close() {
    Packets.free(data);
  }
}
