package org.shvideo.capture.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_clone;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_copy;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.ffmpeg.BitstreamFilter;
import org.shvideo.ffmpeg.FFmpegException;

/** Real encoded video, as a camera would send it. Owns its packets. */
public final class Footage implements AutoCloseable {
  static final int WIDTH = 128;
  static final int HEIGHT = 96;

  private final AVCodecParameters parameters = avcodec_parameters_alloc();
  private final List<AVPacket> packets = new ArrayList<>();
  private int num;
  private int den;
  private double frameRate;

  private Footage() {}

  /** H.264 as RTSP gives it: start codes, parameter sets in front of keyframes. */
  public static Footage h264(int frameRate, int gop, int frames) {
    return encoded("libopenh264", frameRate, gop, 0, frames);
  }

  /** With B-frames: packets come in another order than they are shown. */
  public static Footage mpeg4(int frameRate, int gop, int frames) {
    return encoded("mpeg4", frameRate, gop, 2, frames);
  }

  public static Footage mjpeg(int frameRate, int frames) {
    return encoded("mjpeg", frameRate, 1, 0, frames);
  }

  private static Footage encoded(String name, int frameRate, int gop, int bFrames, int frames) {
    Footage footage = new Footage();
    footage.num = 1;
    footage.den = frameRate;
    footage.frameRate = frameRate;
    AVCodec codec = avcodec_find_encoder_by_name(name);
    AVCodecContext encoder = avcodec_alloc_context3(codec);
    encoder.width(WIDTH);
    encoder.height(HEIGHT);
    int format = name.equals("mjpeg") ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    encoder.pix_fmt(format);
    encoder.time_base().num(1).den(frameRate);
    encoder.framerate().num(frameRate).den(1);
    encoder.gop_size(gop);
    encoder.max_b_frames(bFrames);
    encoder.bit_rate(200_000);
    if (name.equals("mpeg4")) {
      encoder.flags(encoder.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    assertThat(avcodec_open2(encoder, codec, (AVDictionary) null)).as(name).isZero();
    AVFrame frame = av_frame_alloc();
    frame.format(format);
    frame.width(WIDTH);
    frame.height(HEIGHT);
    av_frame_get_buffer(frame, 0);
    for (int i = 0; i < frames; i++) {
      av_frame_make_writable(frame);
      draw(frame, i);
      frame.pts(i);
      avcodec_send_frame(encoder, frame);
      footage.receive(encoder);
    }
    avcodec_send_frame(encoder, (AVFrame) null);
    footage.receive(encoder);
    avcodec_parameters_from_context(footage.parameters, encoder);
    av_frame_free(frame);
    avcodec_free_context(encoder);
    assertThat(footage.packets).hasSize(frames);
    return footage;
  }

  /** A slope of grey over which a bright bar moves to the right. */
  private static void draw(AVFrame frame, int number) {
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

  private void receive(AVCodecContext encoder) {
    while (true) {
      AVPacket packet = av_packet_alloc();
      if (avcodec_receive_packet(encoder, packet) < 0) {
        av_packet_free(packet);
        return;
      }
      packets.add(packet);
    }
  }

  /** The video of a file, with its packets as the file has them. */
  public static Footage of(Path file) {
    Footage footage = new Footage();
    AVFormatContext input = new AVFormatContext(null);
    assertThat(avformat_open_input(input, file.toString(), null, null)).isZero();
    assertThat(avformat_find_stream_info(input, (PointerPointer<?>) null)).isNotNegative();
    AVStream stream = input.streams(0);
    avcodec_parameters_copy(footage.parameters, stream.codecpar());
    footage.num = stream.time_base().num();
    footage.den = stream.time_base().den();
    footage.frameRate = (double) stream.avg_frame_rate().num() / stream.avg_frame_rate().den();
    while (true) {
      AVPacket packet = av_packet_alloc();
      if (av_read_frame(input, packet) < 0) {
        av_packet_free(packet);
        break;
      }
      if (packet.stream_index() == 0) {
        footage.packets.add(packet);
      } else {
        av_packet_free(packet);
      }
    }
    avformat_close_input(input);
    return footage;
  }

  /** H.265 as RTSP gives it: the same video, separated by start codes instead of lengths. */
  public Footage withStartCodes() {
    Footage other = new Footage();
    other.num = num;
    other.den = den;
    other.frameRate = frameRate;
    try (BitstreamFilter filter = new BitstreamFilter("hevc_mp4toannexb", parameters)) {
      avcodec_parameters_copy(other.parameters, filter.parameters());
      packets.forEach(packet -> other.packets.add(av_packet_clone(filter.filter(packet))));
    } catch (FFmpegException e) {
      throw new UncheckedIOException(e);
    }
    return other;
  }

  /** Borrowed parameters: valid until this is closed. */
  public StreamInfo info() {
    return new StreamInfo(
        avcodec_get_name(parameters.codec_id()).getString(),
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

  /** The packet moved to another time; it arrives when it is decoded. */
  public Packet packet(int index, long dtsMicros) {
    AVPacket original = packets.get(index);
    long delay = micros(original.pts()) - micros(original.dts());
    return new Packet(av_packet_clone(original), dtsMicros + delay, dtsMicros, dtsMicros * 1000);
  }

  /** From the first packet's decoding. */
  private long micros(long stamp) {
    return av_rescale(stamp - packets.get(0).dts(), 1_000_000L * num, den);
  }

  @Override
  public void close() {
    packets.forEach(packet -> av_packet_free(packet));
    avcodec_parameters_free(parameters);
  }
}
