package org.shvideo.capture.record;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_ref;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_free_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.shvideo.capture.avi.AviFile;
import org.shvideo.capture.avi.FrameRate;
import org.shvideo.capture.store.FFmpegException;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;

/**
 * Decodes the packets and encodes the frames as MPEG-4 (Xvid), at a fixed quality: the quantiser is
 * {@value #QUANTISER} of 31, at which loss is hard to see. A packet that cannot be decoded is
 * passed over; AVI's line keeps the place of its frame.
 */
final class EncodeClipWriter implements ClipWriter {
  private static final int QUANTISER = 4;
  private static final int MICROS = 1_000_000;

  /** A clip can be entered every so many seconds. */
  private static final double KEYFRAME_SECONDS = 2;

  /** More would take the cores of a small machine from other cameras. */
  private static final int DECODER_THREADS = 2;

  private final AviFile avi;
  private final AVCodecContext decoder;
  private final AVCodecContext encoder;
  private final SwsContext scaler = sws_alloc_context();
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame decoded = av_frame_alloc();
  private final AVFrame scaled = av_frame_alloc();
  private final long interval;
  private boolean begun;
  private long lastMicros;

  /**
   * @param info borrowed for the length of this call
   */
  EncodeClipWriter(Path file, StreamInfo info, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    interval = Math.round(1e6 / rate.framesASecond());
    decoder = avcodec_alloc_context3(null);
    encoder = avcodec_alloc_context3(null);
    AviFile opened = null;
    try {
      openDecoder(info);
      openEncoder(info, rate);
      AVCodecParameters parameters = avcodec_parameters_alloc();
      try {
        avcodec_parameters_from_context(parameters, encoder);
        opened = new AviFile(file, parameters, rate, metadata);
      } finally {
        avcodec_parameters_free(parameters);
      }
    } finally {
      if (opened == null) {
        free();
      }
    }
    avi = opened;
  }

  private void openDecoder(StreamInfo info) throws IOException {
    AVCodec codec = avcodec_find_decoder(info.parameters().codec_id());
    if (codec == null) {
      throw new IOException(
          "cannot re-encode "
              + info.codec()
              + ": no decoder; choose H.264 in the camera's settings");
    }
    FFmpegException.check(
        avcodec_parameters_to_context(decoder, info.parameters()), "decode " + info.codec());
    decoder.pkt_timebase().num(1).den(MICROS);
    decoder.thread_count(DECODER_THREADS);
    FFmpegException.check(
        avcodec_open2(decoder, codec, (AVDictionary) null), "decode " + info.codec());
  }

  private void openEncoder(StreamInfo info, FrameRate rate) throws IOException {
    AVCodec codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    encoder.width(info.width());
    encoder.height(info.height());
    encoder.pix_fmt(AV_PIX_FMT_YUV420P);
    encoder.time_base().num(rate.seconds()).den(rate.frames());
    encoder.framerate().num(rate.frames()).den(rate.seconds());
    encoder.sample_aspect_ratio(info.parameters().sample_aspect_ratio());
    encoder.gop_size((int) Math.max(1, Math.round(KEYFRAME_SECONDS * rate.framesASecond())));
    encoder.max_b_frames(0);
    encoder.flags(encoder.flags() | AV_CODEC_FLAG_QSCALE);
    encoder.global_quality(QUANTISER * FF_QP2LAMBDA);
    FFmpegException.check(avcodec_open2(encoder, codec, (AVDictionary) null), "encode MPEG-4");

    scaler.flags(SWS_BILINEAR);
    scaled.format(AV_PIX_FMT_YUV420P);
    scaled.width(info.width());
    scaled.height(info.height());
    scaled.color_range(AVCOL_RANGE_MPEG);
    FFmpegException.check(av_frame_get_buffer(scaled, 0), "encode MPEG-4");
  }

  @Override
  public void write(Packet borrowed) throws IOException {
    FFmpegException.check(av_packet_ref(packet, borrowed.data()), "copy a packet");
    packet.pts(borrowed.ptsMicros());
    packet.dts(borrowed.dtsMicros());
    // A damaged packet gives an error here and no frame; the next one may do again.
    avcodec_send_packet(decoder, packet);
    av_packet_unref(packet);
    encodeDecoded();
  }

  private void encodeDecoded() throws IOException {
    while (avcodec_receive_frame(decoder, decoded) >= 0) {
      try {
        long stamp = decoded.best_effort_timestamp();
        long micros = stamp == AV_NOPTS_VALUE ? lastMicros + interval : stamp;
        if (begun && micros <= lastMicros) {
          micros = lastMicros + 1;
        }
        begun = true;
        lastMicros = micros;
        AVFrame frame = fitting(decoded);
        frame.pts(avi.place(micros));
        frame.pict_type(AV_PICTURE_TYPE_NONE);
        frame.quality(QUANTISER * FF_QP2LAMBDA);
        FFmpegException.check(avcodec_send_frame(encoder, frame), "encode MPEG-4");
      } finally {
        av_frame_unref(decoded);
      }
      writeEncoded();
    }
  }

  private AVFrame fitting(AVFrame frame) throws IOException {
    if (frame.format() == AV_PIX_FMT_YUV420P
        && frame.color_range() != AVCOL_RANGE_JPEG
        && frame.width() == encoder.width()
        && frame.height() == encoder.height()) {
      return frame;
    }
    FFmpegException.check(av_frame_make_writable(scaled), "encode MPEG-4");
    FFmpegException.check(sws_scale_frame(scaler, scaled, frame), "convert a frame");
    return scaled;
  }

  private void writeEncoded() throws IOException {
    while (avcodec_receive_packet(encoder, packet) >= 0) {
      try {
        avi.write(packet, packet.pts());
      } finally {
        av_packet_unref(packet);
      }
    }
  }

  @Override
  public long written() {
    return avi.written();
  }

  @Override
  public void close() throws IOException {
    try {
      avcodec_send_packet(decoder, (AVPacket) null);
      encodeDecoded();
      avcodec_send_frame(encoder, (AVFrame) null);
      writeEncoded();
    } finally {
      try {
        avi.close();
      } finally {
        free();
      }
    }
  }

  private void free() {
    avcodec_free_context(decoder);
    avcodec_free_context(encoder);
    sws_free_context(scaler);
    av_packet_free(packet);
    av_frame_free(decoded);
    av_frame_free(scaled);
  }
}
