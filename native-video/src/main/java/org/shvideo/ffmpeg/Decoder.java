package org.shvideo.ffmpeg;

import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Decodes the packets of a video stream. After each {@link #send}, {@link #receive} is called until
 * it asks for the next packet. Owns FFmpeg's decoder and its current frame until closed. Not
 * thread-safe, though FFmpeg may decode on threads of its own.
 */
public final class Decoder implements AutoCloseable {
  /** What {@link #receive} did. */
  public enum Received {
    /** {@link #frame} is the next frame. */
    FRAME,
    /** More packets are needed for the next frame. */
    NEEDS_PACKET,
    /** All frames of a drained decoder were received. */
    END,
    /** A frame could not be decoded; others may follow. */
    DAMAGED
  }

  private static final int AGAIN = avutil.AVERROR_EAGAIN();
  private static final int EOF = avutil.AVERROR_EOF();

  private final AVCodec codec;
  private final Consumer<AVCodecContext> settings;
  private final AVCodecParameters parameters = Frames.allocated(avcodec.avcodec_parameters_alloc());
  private final AVFrame frame = Frames.allocated(avutil.av_frame_alloc());
  private AVCodecContext context = new AVCodecContext(null);

  /**
   * Opens the decoder of a stream.
   *
   * @param parameters copied
   * @param settings sets the fields that differ from FFmpeg's defaults, before the decoder is
   *     opened: threads, {@code pkt_timebase}, {@code max_pixels}, what is skipped. The context has
   *     the stream's parameters and the codec by then.
   * @throws FFmpegException when there is no decoder for the codec, or it does not open
   */
  public Decoder(AVCodecParameters parameters, Consumer<AVCodecContext> settings)
      throws FFmpegException {
    this.codec = avcodec.avcodec_find_decoder(parameters.codec_id());
    this.settings = settings;
    boolean opened = false;
    try {
      avcodec.avcodec_parameters_copy(this.parameters, parameters);
      open();
      opened = true;
    } finally {
      if (!opened) {
        close();
      }
    }
  }

  private void open() throws FFmpegException {
    String action = "decode " + codecName(parameters);
    if (codec == null) {
      throw FFmpegException.of(avutil.AVERROR_DECODER_NOT_FOUND(), action);
    }
    context = Frames.allocated(avcodec.avcodec_alloc_context3(codec));
    FFmpegException.check(avcodec.avcodec_parameters_to_context(context, parameters), action);
    settings.accept(context);
    FFmpegException.check(avcodec.avcodec_open2(context, codec, (PointerPointer<?>) null), action);
  }

  /** Whether this build of FFmpeg can decode a stream. */
  public static boolean exists(AVCodecParameters parameters) {
    return avcodec.avcodec_find_decoder(parameters.codec_id()) != null;
  }

  /** Whether each frame of a codec is a keyframe, as in MJPEG. */
  public static boolean isIntraOnly(AVCodecParameters parameters) {
    var descriptor = avcodec.avcodec_descriptor_get(parameters.codec_id());
    return descriptor != null && (descriptor.props() & avcodec.AV_CODEC_PROP_INTRA_ONLY) != 0;
  }

  /** FFmpeg's name of a codec, or the stream's own for one that FFmpeg does not know. */
  public static String codecName(AVCodecParameters parameters) {
    if (parameters.codec_id() != avcodec.AV_CODEC_ID_NONE) {
      return avcodec.avcodec_get_name(parameters.codec_id()).getString();
    }
    byte[] tag = new byte[avutil.AV_FOURCC_MAX_STRING_SIZE];
    avutil.av_fourcc_make_string(tag, parameters.codec_tag());
    return FFmpegException.text(tag);
  }

  /**
   * The open decoder's state; borrowed, valid until {@link #reopen} or {@link #close}. Fields such
   * as {@code skip_frame} may be set between packets.
   */
  public AVCodecContext context() {
    return context;
  }

  /** Sends the next packet, which is shared; false if it was damaged and gives no frame. */
  public boolean send(AVPacket packet) {
    return avcodec.avcodec_send_packet(context, packet) >= 0;
  }

  /** Ends the stream: the frames that it holds back can be received, then it is flushed. */
  public void drain() {
    avcodec.avcodec_send_packet(context, (AVPacket) null);
  }

  /** Decodes into {@link #frame}. */
  public Received receive() {
    int result = avcodec.avcodec_receive_frame(context, frame);
    if (result >= 0) {
      return Received.FRAME;
    }
    return result == AGAIN
        ? Received.NEEDS_PACKET
        : result == EOF ? Received.END : Received.DAMAGED;
  }

  /** The frame received last; borrowed, valid until the next is received or this is closed. */
  public AVFrame frame() {
    return frame;
  }

  /** Whether the frame was decoded with errors, so that parts of it are wrong. */
  public boolean isFrameDamaged() {
    return frame.decode_error_flags() != 0 || (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0;
  }

  /** Forgets all packets sent; the next must be a keyframe. */
  public void flush() {
    avcodec.avcodec_flush_buffers(context);
  }

  /**
   * Like {@link #flush}, and frees the memory of the frames that others refer to. {@link #frame}
   * stays. Costs a fraction of what decoding a frame does.
   *
   * @throws FFmpegException when the decoder does not open again; only {@link #close} helps then
   */
  public void reopen() throws FFmpegException {
    avcodec.avcodec_free_context(context);
    open();
  }

  /** Frees the pixels of {@link #frame}. */
  public void releaseFrame() {
    avutil.av_frame_unref(frame);
  }

  @Override
  public void close() {
    Frames.free(frame);
    if (!context.isNull()) {
      avcodec.avcodec_free_context(context);
      context.setNull();
    }
    if (!parameters.isNull()) {
      avcodec.avcodec_parameters_free(parameters);
      parameters.setNull();
    }
  }
}
