package org.shvideo.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;

/** Test clips: frame number n is grey of brightness 40 + 10 n all over. */
final class Clip {
  static final int WIDTH = 96;
  static final int HEIGHT = 64;
  static final int FRAME_RATE = 10;

  private Clip() {}

  static int brightness(int frame) {
    return 40 + 10 * frame;
  }

  static AVFrame frame(int pixelFormat, int width, int height, int luma) {
    AVFrame frame = Frames.allocate(pixelFormat, width, height);
    fill(frame.data(0), (long) frame.linesize(0) * height, luma);
    if (pixelFormat == AV_PIX_FMT_YUV420P) {
      fill(frame.data(1), (long) frame.linesize(1) * height / 2, 128);
      fill(frame.data(2), (long) frame.linesize(2) * height / 2, 128);
    }
    return frame;
  }

  private static void fill(BytePointer plane, long bytes, int value) {
    BytePointer.memset(plane, value, bytes);
  }

  static Encoder encoder(String name) throws IOException {
    return new Encoder(
        name,
        Map.of(),
        context -> {
          context.width(WIDTH).height(HEIGHT).pix_fmt(AV_PIX_FMT_YUV420P);
          context.time_base().num(1).den(FRAME_RATE);
          context.framerate().num(FRAME_RATE).den(1);
          context.gop_size(5).max_b_frames(0).bit_rate(1_000_000);
          context.flags(context.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
        });
  }

  /** Encodes and writes frames; the container is told by the name's end. */
  static Path write(Path file, String encoderName, int frames) throws IOException {
    String format = file.toString().replaceFirst(".*\\.", "").replace("mkv", "matroska");
    try (Encoder encoder = encoder(encoderName);
        Muxer muxer =
            new Muxer(
                file,
                format,
                encoder.parameters(),
                Map.of("title", "Двір", "comment", "test"),
                stream -> stream.time_base().num(1).den(FRAME_RATE))) {
      for (int i = 0; i < frames; i++) {
        AVFrame frame = frame(AV_PIX_FMT_YUV420P, WIDTH, HEIGHT, brightness(i));
        encoder.send(frame, i);
        Frames.free(frame);
        copy(encoder, muxer);
      }
      encoder.drain();
      copy(encoder, muxer);
    }
    return file;
  }

  private static void copy(Encoder encoder, Muxer muxer) throws IOException {
    for (AVPacket packet = encoder.receive(); packet != null; packet = encoder.receive()) {
      muxer.write(packet, packet.pts(), packet.pts(), 1);
    }
  }
}
