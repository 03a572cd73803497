package org.shvideo.capture.motion;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P10LE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.ffmpeg.Encoder;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.ffmpeg.Frames;
import org.shvideo.ffmpeg.Packets;

/** A {@link Scene}, encoded frame by frame as by a camera. Owns the encoder. */
final class DrawnStream implements AutoCloseable {
  /** How the stream is encoded; most GOPs are two seconds long. */
  enum Coding {
    H264("libopenh264", AV_PIX_FMT_YUV420P, 2, 0),
    H264_KEYFRAMES_ONLY("libopenh264", AV_PIX_FMT_YUV420P, 0, 0),
    /** The bitrate falls while nothing moves. */
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

  private final Coding coding;
  private final Scene scene;
  private final int framesPerSecond;
  private final boolean deep;
  private final int ticksPerSecond;
  private final Encoder encoder;
  private final AVFrame frame;
  private final Queue<Packet> ready = new ArrayDeque<>();
  private int drawn;

  DrawnStream(Coding coding, Scene scene, int framesPerSecond) {
    FFmpegLog.silence();
    this.coding = coding;
    this.scene = scene;
    this.framesPerSecond = framesPerSecond;
    this.deep = coding.format == AV_PIX_FMT_YUV420P10LE;
    // The MPEG-4 encoder counts frames.
    this.ticksPerSecond = coding.encoder.equals("mpeg4") ? framesPerSecond : 90_000;
    try {
      encoder = new Encoder(coding.encoder, Map.of(), this::configure);
    } catch (FFmpegException e) {
      throw new UncheckedIOException(e);
    }
    frame = Frames.allocate(coding.format, scene.width(), scene.height());
    frame.color_range(coding.format == AV_PIX_FMT_YUVJ420P ? AVCOL_RANGE_JPEG : 0);
    writeNoColour();
  }

  private void configure(AVCodecContext context) {
    context.width(scene.width()).height(scene.height()).pix_fmt(coding.format);
    context.time_base().num(1).den(ticksPerSecond);
    context.framerate().num(framesPerSecond).den(1);
    context.gop_size(Math.max(1, coding.gopSeconds * framesPerSecond));
    context.max_b_frames(coding.bFrames).thread_count(1);
    // About 0.1 bits per pixel, as cameras do.
    context.bit_rate(Math.round(0.1 * scene.width() * scene.height() * framesPerSecond));
    if (coding == Coding.MPEG4_CONSTANT_QUALITY) {
      context.flags(context.flags() | AV_CODEC_FLAG_QSCALE).global_quality(8 * FF_QP2LAMBDA);
    }
  }

  StreamInfo info() {
    return new StreamInfo(
        coding.encoder, scene.width(), scene.height(), framesPerSecond, encoder.parameters());
  }

  /** The next packet; the caller closes it. */
  Packet next() {
    try {
      while (ready.isEmpty()) {
        double seconds = (double) drawn / framesPerSecond;
        av_frame_make_writable(frame);
        write(scene.at(seconds));
        drawn++;
        encoder.send(frame, Math.round(seconds * ticksPerSecond));
        for (AVPacket packet = encoder.receive(); packet != null; packet = encoder.receive()) {
          long dts = micros(packet.dts());
          ready.add(new Packet(Packets.take(packet), micros(packet.pts()), dts, dts * 1000));
        }
      }
      return ready.remove();
    } catch (FFmpegException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long micros(long timestamp) {
    return Math.round(timestamp * 1e6 / ticksPerSecond);
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

  @Override
  public void close() {
    ready.forEach(Packet::close);
    Frames.free(frame);
    encoder.close();
  }
}
