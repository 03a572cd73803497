package org.shvideo.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVBSFContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Rewrites packets one by one without decoding them, as from length prefixes to start codes. Owns
 * FFmpeg's filter and its current packet until closed. Not thread-safe.
 */
public final class BitstreamFilter implements AutoCloseable {
  private final AVBSFContext context = new AVBSFContext(null);
  private final AVPacket packet = Packets.allocate();

  /**
   * Opens a filter.
   *
   * @param name FFmpeg's: {@code h264_mp4toannexb}
   * @param parameters of the stream; copied
   * @throws FFmpegException when the filter does not take such a stream
   */
  public BitstreamFilter(String name, AVCodecParameters parameters) throws FFmpegException {
    String action = "filter with " + name;
    boolean opened = false;
    try {
      FFmpegException.check(
          avcodec.av_bsf_alloc(avcodec.av_bsf_get_by_name(name), context), action);
      avcodec.avcodec_parameters_copy(context.par_in(), parameters);
      FFmpegException.check(avcodec.av_bsf_init(context), action);
      opened = true;
    } finally {
      if (!opened) {
        close();
      }
    }
  }

  /** The parameters of the filtered stream; borrowed, valid until {@link #close}. */
  public AVCodecParameters parameters() {
    return context.par_out();
  }

  /**
   * Rewrites a packet.
   *
   * @param borrowed shared for this call, not changed
   * @return borrowed, valid until the next call; null where the packet is damaged
   */
  public AVPacket filter(AVPacket borrowed) {
    avcodec.av_packet_unref(packet);
    boolean filtered =
        avcodec.av_packet_ref(packet, borrowed) >= 0
            && avcodec.av_bsf_send_packet(context, packet) >= 0
            && avcodec.av_bsf_receive_packet(context, packet) >= 0;
    return filtered ? packet : null;
  }

  @Override
  public void close() {
    Packets.free(packet);
    if (!context.isNull()) {
      avcodec.av_bsf_free(context);
      context.setNull();
    }
  }
}
