package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_GLOBALHEADER;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.shvideo.camera.media.JpegVideo;

/**
 * Draws a dark ground, over which a bright block moves after a while, and writes it as a video.
 *
 * @param encoder FFmpeg's name: {@code mpeg4}, {@code libopenh264}, {@code mjpeg}
 * @param gop frames from one keyframe to the next
 * @param bFrames B-frames between two others
 * @param still how many frames come before the block does
 */
public record TestVideo(
    String encoder, int width, int height, int fps, int frames, int gop, int bFrames, int still) {

  private static final int CODEC_FLAG_GLOBAL_HEADER = 1 << 22;

  public static TestVideo of(String encoder, int fps, int frames) {
    return new TestVideo(encoder, 320, 240, fps, frames, fps, 0, 0);
  }

  /** What a camera sees in one loop: nothing, then something that moves. */
  public static TestVideo motion(String encoder, int fps, int stillSeconds, int movingSeconds) {
    int still = fps * stillSeconds;
    return new TestVideo(encoder, 320, 240, fps, still + fps * movingSeconds, fps, 0, still);
  }

  /** The format follows from the file's name: avi, mkv, mp4, mjpeg, h264 … */
  public Path write(Path file) {
    AVFormatContext output = new AVFormatContext(null);
    check(avformat_alloc_output_context2(output, null, (String) null, file.toString()));
    AVCodec codec = avcodec_find_encoder_by_name(encoder);
    boolean globalHeader = (output.oformat().flags() & AVFMT_GLOBALHEADER) != 0;
    AVCodecContext context = open(codec, globalHeader ? CODEC_FLAG_GLOBAL_HEADER : 0);
    AVStream stream = avformat_new_stream(output, codec);
    check(avcodec_parameters_from_context(stream.codecpar(), context));
    stream.time_base().num(1).den(fps);
    stream.avg_frame_rate().num(fps).den(1);
    AVIOContext io = new AVIOContext(null);
    check(avio_open(io, file.toString(), AVIO_FLAG_WRITE));
    output.pb(io);
    check(avformat_write_header(output, (PointerPointer<?>) null));
    encode(
        context,
        packet -> {
          packet.stream_index(0);
          packet.duration(1);
          av_packet_rescale_ts(packet, context.time_base(), stream.time_base());
          check(av_interleaved_write_frame(output, packet));
        });
    check(av_write_trailer(output));
    avio_closep(output.pb());
    avformat_free_context(output);
    return file;
  }

  /** The encoded frames, for an HTTP camera; the encoder must be {@code mjpeg}. */
  public JpegVideo jpegs() {
    List<byte[]> jpegs = new ArrayList<>();
    encode(
        open(avcodec_find_encoder_by_name(encoder), 0),
        packet -> {
          byte[] jpeg = new byte[packet.size()];
          packet.data().get(jpeg);
          jpegs.add(jpeg);
        });
    return new JpegVideo(jpegs, fps);
  }

  private AVCodecContext open(AVCodec codec, int flags) {
    AVCodecContext context = avcodec_alloc_context3(codec);
    context.width(width);
    context.height(height);
    context.time_base().num(1).den(fps);
    context.framerate().num(fps).den(1);
    context.gop_size(gop);
    context.max_b_frames(bFrames);
    context.bit_rate(500_000);
    context.pix_fmt(encoder.equals("mjpeg") ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P);
    context.flags(context.flags() | flags);
    check(avcodec_open2(context, codec, (AVDictionary) null));
    return context;
  }

  /** Frees the context. */
  private void encode(AVCodecContext context, Consumer<AVPacket> consumer) {
    AVFrame frame = av_frame_alloc();
    frame.format(context.pix_fmt()).width(width).height(height);
    check(av_frame_get_buffer(frame, 0));
    AVPacket packet = av_packet_alloc();
    for (int i = 0; i <= frames; i++) {
      if (i < frames) {
        draw(frame, i);
      }
      check(avcodec_send_frame(context, i < frames ? frame : null));
      while (avcodec_receive_packet(context, packet) >= 0) {
        consumer.accept(packet);
      }
    }
    av_packet_free(packet);
    av_frame_free(frame);
    avcodec_free_context(context);
  }

  private void draw(AVFrame frame, int number) {
    check(av_frame_make_writable(frame));
    Random noise = new Random(number); // a picture without any hardly weighs anything
    int side = height / 3;
    int left = number * 100 / fps % (width - side);
    for (int y = 0; y < height; y++) {
      byte[] row = new byte[width];
      for (int x = 0; x < width; x++) {
        boolean block =
            number >= still && x >= left && x < left + side && y >= side && y < 2 * side;
        row[x] = (byte) (block ? 220 : 40 + noise.nextInt(12));
      }
      new BytePointer(frame.data(0)).position((long) y * frame.linesize(0)).put(row);
    }
    for (int plane = 1; plane <= 2; plane++) {
      for (int y = 0; y < height / 2; y++) {
        byte[] row = new byte[width / 2];
        Arrays.fill(row, (byte) 128);
        new BytePointer(frame.data(plane)).position((long) y * frame.linesize(plane)).put(row);
      }
    }
    frame.pts(number);
  }

  private static void check(int result) {
    if (result < 0) {
      throw new IllegalStateException("FFmpeg error " + result);
    }
  }
}
