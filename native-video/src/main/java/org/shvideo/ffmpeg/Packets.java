package org.shvideo.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.Pointer;

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

  /** Puts bytes before those of a packet, whose data is copied. */
  public static void prepend(AVPacket packet, byte[] bytes) {
    AVPacket longer = allocate();
    try {
      int size = packet.size();
      if (avcodec.av_new_packet(longer, bytes.length + size) < 0
          || avcodec.av_packet_copy_props(longer, packet) < 0) {
        throw new OutOfMemoryError("a packet of " + size + " bytes");
      }
      longer.data().put(bytes);
      Pointer.memcpy(longer.data().getPointer(bytes.length), packet.data(), size);
      avcodec.av_packet_unref(packet);
      avcodec.av_packet_move_ref(packet, longer);
    } finally {
      free(longer);
    }
  }

  /** Cuts off the end of a packet's data. */
  public static void shrink(AVPacket packet, int size) {
    avcodec.av_shrink_packet(packet, size);
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
