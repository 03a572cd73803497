package org.shvideo.capture.record;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_get_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_init;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_send_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_ref;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_copy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVBSFContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.capture.avi.AviFile;
import org.shvideo.capture.avi.FrameRate;
import org.shvideo.capture.store.FFmpegException;
import org.shvideo.capture.stream.Packet;

/**
 * Records the camera's own packets, bit for bit. H.264 that comes with length prefixes, as from an
 * MP4 file, gets the start codes that AVI wants; its NAL units stay as they are.
 */
public final class CopyClipWriter implements ClipWriter {
  private static final int LENGTH_PREFIXED = 1;

  private final AviFile avi;
  private final AVBSFContext toStartCodes = new AVBSFContext(null);
  private final AVPacket copy = av_packet_alloc();

  /**
   * @param parameters of a codec that {@linkplain AviFile#holds AVI holds}; copied
   */
  public CopyClipWriter(
      Path file, AVCodecParameters parameters, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    AviFile opened = null;
    try {
      AVCodecParameters converted = parameters;
      if (isLengthPrefixed(parameters)) {
        FFmpegException.check(
            av_bsf_alloc(av_bsf_get_by_name("h264_mp4toannexb"), toStartCodes), "convert H.264");
        avcodec_parameters_copy(toStartCodes.par_in(), parameters);
        FFmpegException.check(av_bsf_init(toStartCodes), "convert H.264");
        converted = toStartCodes.par_out();
      }
      opened = new AviFile(file, converted, rate, metadata);
    } finally {
      if (opened == null) {
        free();
      }
    }
    avi = opened;
  }

  private static boolean isLengthPrefixed(AVCodecParameters parameters) {
    return parameters.codec_id() == AV_CODEC_ID_H264
        && parameters.extradata_size() > 0
        && parameters.extradata().get() == LENGTH_PREFIXED;
  }

  @Override
  public void write(Packet borrowed) throws IOException {
    // A new reference to the same data: the native packet's stamps stay the stream's.
    FFmpegException.check(av_packet_ref(copy, borrowed.data()), "copy a packet");
    try {
      if (!toStartCodes.isNull()) {
        if (av_bsf_send_packet(toStartCodes, copy) < 0
            || av_bsf_receive_packet(toStartCodes, copy) < 0) {
          return; // damaged: its length prefixes make no sense
        }
      }
      avi.write(copy, avi.place(borrowed.dtsMicros()));
    } finally {
      av_packet_unref(copy);
    }
  }

  @Override
  public long written() {
    return avi.written();
  }

  @Override
  public void close() throws IOException {
    try {
      avi.close();
    } finally {
      free();
    }
  }

  private void free() {
    av_packet_free(copy);
    if (!toStartCodes.isNull()) {
      av_bsf_free(toStartCodes);
    }
  }
}
