package org.shvideo.capture.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_copy;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_free;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.Encoder;
import org.shvideo.ffmpeg.Frames;
import org.shvideo.ffmpeg.Packets;

/** Real encoded video, as a camera would send it. Owns its packets. */
public final class Footage implements AutoCloseable {
  static {
    Loader.load(avutil.class);
  }

  private static final int WIDTH = 128;
  private static final int HEIGHT = 96;

  private final AVCodecParameters parameters = avcodec_parameters_alloc();
  private final List<AVPacket> packets = new ArrayList<>();
  private final int num;
  private final int den;
  private final double frameRate;

  private Footage(AVCodecParameters parameters, int num, int den, double frameRate) {
    avcodec_parameters_copy(this.parameters, parameters);
    this.num = num;
    this.den = den;
    this.frameRate = frameRate;
  }

  /** H.264 as RTSP cameras send it: start codes, parameter sets in front of keyframes. */
  public static Footage h264(int frameRate, int gop, int frames) {
    return encoded("libopenh264", frameRate, gop, 0, frames);
  }

  /** With B-frames: packets arrive in another order than they are shown. */
  public static Footage mpeg4(int frameRate, int gop, int frames) {
    return encoded("mpeg4", frameRate, gop, 2, frames);
  }

  public static Footage mjpeg(int frameRate, int frames) {
    return encoded("mjpeg", frameRate, 1, 0, frames);
  }

  private static Footage encoded(String name, int frameRate, int gop, int bFrames, int frames) {
    boolean jpeg = name.equals("mjpeg");
    int format = jpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    AVFrame frame = Frames.allocate(format, WIDTH, HEIGHT);
    if (jpeg) {
      frame.color_range(AVCOL_RANGE_JPEG);
    }
    try (Encoder encoder =
        new Encoder(
            name,
            Map.of(),
            context -> {
              context.width(WIDTH).height(HEIGHT).pix_fmt(format);
              context.time_base().num(1).den(frameRate);
              context.framerate().num(frameRate).den(1);
              context.gop_size(gop).max_b_frames(bFrames).bit_rate(200_000);
              if (name.equals("mpeg4")) {
                context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
              }
            })) {
      Footage footage = new Footage(encoder.parameters(), 1, frameRate, frameRate);
      for (int i = 0; i < frames; i++) {
        draw(frame, i);
        encoder.send(frame, i);
        footage.receive(encoder);
      }
      encoder.drain();
      footage.receive(encoder);
      assertThat(footage.packets).hasSize(frames);
      return footage;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Frames.free(frame);
    }
  }

  /** A grey gradient over which a bright bar moves to the right. */
  private static void draw(AVFrame frame, int number) {
    av_frame_make_writable(frame);
    for (int plane = 0; plane < 3; plane++) {
      int shift = plane == 0 ? 0 : 1;
      BytePointer data = frame.data(plane);
      int stride = frame.linesize(plane);
      byte[] row = new byte[WIDTH >> shift];
      for (int y = 0; y < HEIGHT >> shift; y++) {
        for (int x = 0; x < row.length; x++) {
          boolean bar = plane == 0 && Math.abs(x - number * 3 % WIDTH) < 8;
          row[x] = (byte) (plane > 0 ? 128 : bar ? 230 : 40 + y / 2 + (x * 7 + y * 13) % 11);
        }
        data.position((long) y * stride).put(row, 0, row.length);
      }
      data.position(0);
    }
  }

  private void receive(Encoder encoder) throws IOException {
    for (AVPacket packet = encoder.receive(); packet != null; packet = encoder.receive()) {
      packets.add(Packets.take(packet));
    }
  }

  /** The video of a file, with its packets unchanged. */
  public static Footage of(Path file) throws IOException {
    try (Demuxer input = Demuxer.of(file, Map.of())) {
      input.findStreams();
      AVStream video = input.selectVideo();
      Footage footage =
          new Footage(
              video.codecpar(),
              video.time_base().num(),
              video.time_base().den(),
              (double) video.avg_frame_rate().num() / video.avg_frame_rate().den());
      for (AVPacket packet = input.read(); packet != null; packet = input.read()) {
        footage.packets.add(Packets.take(packet));
      }
      return footage;
    }
  }

  /** Borrowed parameters: valid until this is closed. */
  public StreamInfo info() {
    return new StreamInfo(
        Decoder.codecName(parameters),
        parameters.width(),
        parameters.height(),
        frameRate,
        parameters);
  }

  public int size() {
    return packets.size();
  }

  /** Each packet's data, in order. */
  public List<byte[]> data() {
    return packets.stream().map(Footage::bytes).toList();
  }

  static byte[] bytes(AVPacket packet) {
    byte[] bytes = new byte[packet.size()];
    packet.data().capacity(bytes.length).get(bytes);
    return bytes;
  }

  public boolean keyframe(int index) {
    return (packets.get(index).flags() & AV_PKT_FLAG_KEY) != 0;
  }

  /** The packet at its own time. */
  public Packet packet(int index) {
    return packet(index, micros(packets.get(index).dts()));
  }

  /** The packet at another time, which is also its arrival time. */
  public Packet packet(int index, long dtsMicros) {
    AVPacket original = packets.get(index);
    long delay = micros(original.pts()) - micros(original.dts());
    return new Packet(Packets.share(original), dtsMicros + delay, dtsMicros, dtsMicros * 1000);
  }

  /** Microseconds since the first packet's decoding time. */
  private long micros(long timestamp) {
    return av_rescale(timestamp - packets.get(0).dts(), 1_000_000L * num, den);
  }

  @Override
  public void close() {
    packets.forEach(Packets::free);
    avcodec_parameters_free(parameters);
  }
}
