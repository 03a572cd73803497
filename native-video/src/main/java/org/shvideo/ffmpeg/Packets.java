package org.shvideo.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Ownership of packets beyond the object that produced them. FFmpeg counts references to a packet's
 * data, so none of these methods copies it.
 */
public final class Packets {
  /** A time stamp that is not known: FFmpeg's {@code AV_NOPTS_VALUE}. */
  public static final long NO_TIMESTAMP = Long.MIN_VALUE;

  private Packets() {}

  /** Moves a borrowed packet, empty afterwards, to the caller, who {@linkplain #free frees} it. */
  public static AVPacket take(AVPacket borrowed) {
    AVPacket taken = allocate();
    avcodec.av_packet_move_ref(taken, borrowed);
    return taken;
  }

  /** Another packet with the same data and its own time stamps, to be {@link #free}d. */
  public static AVPacket share(AVPacket packet) {
    return Frames.allocated(avcodec.av_packet_clone(packet));
  }

  /** Frees a packet and its reference; may be called twice. */
  public static void free(AVPacket packet) {
    if (!packet.isNull()) {
      avcodec.av_packet_free(packet);
      packet.setNull();
    }
  }

  static AVPacket allocate() {
    return Frames.allocated(avcodec.av_packet_alloc());
  }
}
