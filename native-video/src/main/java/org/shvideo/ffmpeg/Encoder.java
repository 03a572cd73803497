package org.shvideo.ffmpeg;

import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;

/**
 * Encodes frames of any size and pixel format as one video stream: those that do not fit are
 * converted first. After each {@link #send} and after {@link #drain}, {@link #receive} is called
 * until it returns null. Owns FFmpeg's encoder, its current packet and the converted frame until
 * closed. Not thread-safe.
 */
public final class Encoder implements AutoCloseable {
  private static final int AGAIN = avutil.AVERROR_EAGAIN();
  private static final int EOF = avutil.AVERROR_EOF();

  private final String action;
  private final AVCodecContext context;
  private final AVCodecParameters parameters = Frames.allocated(avcodec.avcodec_parameters_alloc());
  private final AVPacket packet = Packets.allocate();
  private final SwsContext scaler = Frames.allocated(swscale.sws_alloc_context());
  private AVFrame converted;

  /**
   * Opens an encoder.
   *
   * @param name FFmpeg's: {@code mpeg4}, {@code libopenh264} …
   * @param options of this encoder only, by FFmpeg's names
   * @param settings sets the context's fields before it is opened; at least the size in pixels, the
   *     pixel format and the time base
   * @throws FFmpegException when this build of FFmpeg has no such encoder, or it does not open
   */
  public Encoder(String name, Map<String, String> options, Consumer<AVCodecContext> settings)
      throws FFmpegException {
    action = "encode with " + name;
    AVCodec codec = avcodec.avcodec_find_encoder_by_name(name);
    AVDictionary dictionary = Dictionary.of(options);
    context = codec == null ? new AVCodecContext(null) : avcodec.avcodec_alloc_context3(codec);
    boolean opened = false;
    try {
      if (codec == null) {
        throw FFmpegException.of(avutil.AVERROR_ENCODER_NOT_FOUND(), action);
      }
      settings.accept(context);
      FFmpegException.check(avcodec.avcodec_open2(context, codec, dictionary), action);
      if (avutil.av_dict_count(dictionary) > 0) {
        throw FFmpegException.of(avutil.AVERROR_OPTION_NOT_FOUND(), action);
      }
      FFmpegException.check(avcodec.avcodec_parameters_from_context(parameters, context), action);
      scaler.flags(swscale.SWS_BILINEAR);
      opened = true;
    } finally {
      avutil.av_dict_free(dictionary);
      if (!opened) {
        close();
      }
    }
  }

  /** What a muxer or decoder must know of the stream; borrowed, valid until {@link #close}. */
  public AVCodecParameters parameters() {
    return parameters;
  }

  /**
   * Sends the next frame.
   *
   * @param frame borrowed for this call; its time stamp, picture type and quality are overwritten
   * @param pts in units of the time base, above that of the frame before
   * @throws FFmpegException when it cannot be converted or encoded
   */
  public void send(AVFrame frame, long pts) throws FFmpegException {
    AVFrame fitting = fits(frame) ? frame : convert(frame);
    fitting.pts(pts);
    fitting.pict_type(avutil.AV_PICTURE_TYPE_NONE); // a decoder's would be taken for a wish
    fitting.quality(context.global_quality());
    FFmpegException.check(avcodec.avcodec_send_frame(context, fitting), action);
  }

  /** Ends the stream: the packets that the encoder holds back can be received. */
  public void drain() throws FFmpegException {
    FFmpegException.check(avcodec.avcodec_send_frame(context, (AVFrame) null), action);
  }

  /**
   * The next packet.
   *
   * @return borrowed, valid until the next call; null where the encoder needs more frames, and at
   *     the end
   * @throws FFmpegException when the frames cannot be encoded
   */
  public AVPacket receive() throws FFmpegException {
    int result = avcodec.avcodec_receive_packet(context, packet);
    if (result == AGAIN || result == EOF) {
      return null;
    }
    FFmpegException.check(result, action);
    return packet;
  }

  private boolean fits(AVFrame frame) {
    return frame.format() == context.pix_fmt()
        && frame.width() == context.width()
        && frame.height() == context.height()
        && isFullRange(frame.color_range()) == isFullRange(context.color_range());
  }

  private static boolean isFullRange(int colorRange) {
    return colorRange == avutil.AVCOL_RANGE_JPEG;
  }

  private AVFrame convert(AVFrame frame) throws FFmpegException {
    if (converted == null) {
      converted = Frames.allocate(context.pix_fmt(), context.width(), context.height());
      converted.color_range(
          isFullRange(context.color_range()) ? avutil.AVCOL_RANGE_JPEG : avutil.AVCOL_RANGE_MPEG);
    }
    FFmpegException.check(avutil.av_frame_make_writable(converted), action);
    FFmpegException.check(swscale.sws_scale_frame(scaler, converted, frame), "convert a frame");
    return converted;
  }

  @Override
  public void close() {
    if (converted != null) {
      Frames.free(converted);
    }
    Packets.free(packet);
    if (!context.isNull()) {
      avcodec.avcodec_free_context(context);
      context.setNull();
    }
    if (!scaler.isNull()) {
      swscale.sws_free_context(scaler);
      scaler.setNull();
      avcodec.avcodec_parameters_free(parameters);
      parameters.setNull();
    }
  }
}
