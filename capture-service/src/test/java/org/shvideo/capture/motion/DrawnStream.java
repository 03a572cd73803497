package org.shvideo.capture.motion;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P10LE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;

import java.util.ArrayDeque;
import java.util.Queue;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;

/** A {@link Scene}, encoded picture by picture as a camera would. Owns the encoder. */
final class DrawnStream implements AutoCloseable {
  /** How the stream is encoded; the GOP is two seconds where not told otherwise. */
  enum Coding {
    H264("libopenh264", AV_PIX_FMT_YUV420P, 2, 0),
    H264_KEYFRAMES_ONLY("libopenh264", AV_PIX_FMT_YUV420P, 0, 0),
    /** Each picture takes what it needs: the bitrate falls when nothing moves. */
    MPEG4_CONSTANT_QUALITY("mpeg4", AV_PIX_FMT_YUV420P, 2, 0),
    MPEG4_B_FRAMES("mpeg4", AV_PIX_FMT_YUV420P, 2, 2),
    MJPEG("mjpeg", AV_PIX_FMT_YUVJ420P, 0, 0),
    FFV1_10_BIT("ffv1", AV_PIX_FMT_YUV420P10LE, 2, 0);

    private final String encoder;
    private final int format;
    private final int gopSeconds;
    private final int bFrames;

    Coding(String encoder, int format, int gopSeconds, int bFrames) {
      this.encoder = encoder;
      this.format = format;
      this.gopSeconds = gopSeconds;
      this.bFrames = bFrames;
    }
  }

  private static final int CODEC_FLAG_QSCALE = 1 << 1;

  private final Scene scene;
  private final int framesPerSecond;
  private final boolean deep;
  private final AVCodecContext context;
  private final AVFrame frame;
  private final AVCodecParameters parameters;
  private final Queue<Packet> ready = new ArrayDeque<>();
  private int drawn;

  DrawnStream(Coding coding, Scene scene, int framesPerSecond) {
    av_log_set_level(AV_LOG_QUIET);
    this.scene = scene;
    this.framesPerSecond = framesPerSecond;
    this.deep = coding.format == AV_PIX_FMT_YUV420P10LE;
    AVCodec codec = avcodec_find_encoder_by_name(coding.encoder);
    context = avcodec_alloc_context3(codec);
    context.width(scene.width()).height(scene.height()).pix_fmt(coding.format);
    context.time_base().num(1).den(90_000);
    context.framerate().num(framesPerSecond).den(1);
    context.gop_size(Math.max(1, coding.gopSeconds * framesPerSecond));
    context.max_b_frames(coding.bFrames);
    if (coding.encoder.equals("mpeg4")) {
      context.time_base().num(1).den(framesPerSecond); // this encoder counts frames
    }
    // As cameras do: around 0.1 bits a pixel.
    context.bit_rate(Math.round(0.1 * scene.width() * scene.height() * framesPerSecond));
    if (coding == Coding.MPEG4_CONSTANT_QUALITY) {
      context.flags(context.flags() | CODEC_FLAG_QSCALE).global_quality(8 * FF_QP2LAMBDA);
    }
    context.thread_count(1);
    check(avcodec_open2(context, codec, (AVDictionary) null));
    parameters = avcodec_parameters_alloc();
    check(avcodec_parameters_from_context(parameters, context));
    frame = av_frame_alloc();
    frame.width(scene.width()).height(scene.height()).format(coding.format);
    check(av_frame_get_buffer(frame, 0));
    frame.quality(context.global_quality());
    writeNoColour();
  }

  StreamInfo info() {
    return new StreamInfo(
        context.codec().name().getString(),
        scene.width(),
        scene.height(),
        framesPerSecond,
        parameters);
  }

  /** The next packet; the caller closes it. */
  Packet next() {
    while (ready.isEmpty()) {
      double seconds = (double) drawn / framesPerSecond;
      check(av_frame_make_writable(frame));
      write(scene.at(seconds));
      frame.pts(Math.round(seconds * context.time_base().den()));
      drawn++;
      check(avcodec_send_frame(context, frame));
      receive();
    }
    return ready.remove();
  }

  private void receive() {
    AVPacket packet = av_packet_alloc();
    while (avcodec_receive_packet(context, packet) >= 0) {
      ready.add(new Packet(packet, micros(packet.pts()), micros(packet.dts()), nanos(packet)));
      packet = av_packet_alloc();
    }
    av_packet_free(packet);
  }

  private long micros(long stamp) {
    return Math.round(stamp * 1e6 / context.time_base().den());
  }

  private long nanos(AVPacket packet) {
    return micros(packet.dts()) * 1000;
  }

  private void write(byte[] luma) {
    int samples = deep ? 2 : 1;
    byte[] row = new byte[scene.width() * samples];
    for (int y = 0; y < scene.height(); y++) {
      for (int x = 0; x < scene.width(); x++) {
        int level = luma[y * scene.width() + x] & 0xFF;
        if (deep) {
          row[2 * x] = (byte) (level << 2);
          row[2 * x + 1] = (byte) (level >> 6);
        } else {
          row[x] = (byte) level;
        }
      }
      frame.data(0).position((long) y * frame.linesize(0)).put(row);
    }
  }

  private void writeNoColour() {
    for (int plane = 1; plane <= 2; plane++) {
      byte[] grey = new byte[scene.height() / 2 * frame.linesize(plane)];
      for (int i = 0; i < grey.length; i++) {
        grey[i] = (byte) (deep ? i % 2 * 2 : 128);
      }
      frame.data(plane).put(grey);
    }
  }

  private static void check(int result) {
    if (result < 0) {
      throw new IllegalStateException("FFmpeg error " + result);
    }
  }

  @Override
  public void close() {
    ready.forEach(Packet::close);
    av_frame_free(frame);
    avcodec_parameters_free(parameters);
    avcodec_free_context(context);
  }
}
