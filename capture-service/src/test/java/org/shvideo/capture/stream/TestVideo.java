package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.ffmpeg.Encoder;
import org.shvideo.ffmpeg.Frames;
import org.shvideo.ffmpeg.Muxer;

/**
 * A drawn video: a dark background over which a bright block moves after a while.
 *
 * @param encoder FFmpeg's name: {@code mpeg4}, {@code libopenh264}, {@code mjpeg}
 * @param gop frames from one keyframe to the next
 * @param still frames before the block appears
 */
public record TestVideo(
    String encoder, int width, int height, int fps, int frames, int gop, int still) {

  static {
    Loader.load(avutil.class);
  }

  public static TestVideo of(String encoder, int fps, int frames) {
    return new TestVideo(encoder, 320, 240, fps, frames, fps, 0);
  }

  /** A still scene, then motion. */
  public static TestVideo motion(String encoder, int fps, int stillSeconds, int movingSeconds) {
    int still = fps * stillSeconds;
    return new TestVideo(encoder, 320, 240, fps, still + fps * movingSeconds, fps, still);
  }

  /** Writes a file whose extension determines the format: avi, mkv, mp4, mjpeg, h264. */
  public Path write(Path file) {
    String extension = file.toString().replaceFirst(".*\\.", "");
    boolean globalHeader = extension.equals("mp4") || extension.equals("mkv");
    try (Encoder opened = open(globalHeader ? AV_CODEC_FLAG_GLOBAL_HEADER : 0);
        Muxer muxer =
            new Muxer(
                file,
                extension.equals("mkv") ? "matroska" : extension,
                opened.parameters(),
                Map.of(),
                stream -> {
                  stream.time_base().num(1).den(fps);
                  stream.avg_frame_rate().num(fps).den(1);
                })) {
      encode(opened, packet -> muxer.write(packet, packet.pts(), 1));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The encoded frames, for an HTTP camera; the encoder must be {@code mjpeg}. */
  public JpegVideo jpegs() {
    List<byte[]> jpegs = new ArrayList<>();
    try (Encoder opened = open(0)) {
      encode(
          opened,
          packet -> {
            byte[] jpeg = new byte[packet.size()];
            packet.data().get(jpeg);
            jpegs.add(jpeg);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new JpegVideo(jpegs, fps);
  }

  private int pixelFormat() {
    return encoder.equals("mjpeg") ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
  }

  private Encoder open(int flags) throws IOException {
    return new Encoder(
        encoder,
        Map.of(),
        context -> {
          context.width(width).height(height).pix_fmt(pixelFormat());
          context.time_base().num(1).den(fps);
          context.framerate().num(fps).den(1);
          context.gop_size(gop).bit_rate(500_000);
          context.flags(context.flags() | flags);
        });
  }

  private interface PacketConsumer {
    void accept(AVPacket borrowed) throws IOException;
  }

  private void encode(Encoder opened, PacketConsumer consumer) throws IOException {
    AVFrame frame = Frames.allocate(pixelFormat(), width, height);
    frame.color_range(pixelFormat() == AV_PIX_FMT_YUVJ420P ? AVCOL_RANGE_JPEG : 0);
    for (int i = 0; i <= frames; i++) {
      if (i < frames) {
        draw(frame, i);
        opened.send(frame, i);
      } else {
        opened.drain();
      }
      for (AVPacket packet = opened.receive(); packet != null; packet = opened.receive()) {
        consumer.accept(packet);
      }
    }
    Frames.free(frame);
  }

  private void draw(AVFrame frame, int number) {
    av_frame_make_writable(frame);
    Random noise = new Random(number); // without noise a frame would be tiny
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
  }
}
