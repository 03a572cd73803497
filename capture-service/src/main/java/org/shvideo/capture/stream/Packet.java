package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;

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

  public Packet {
    data.pts(ptsMicros).dts(dtsMicros);
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
