package org.shvideo.camera;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.ffmpeg.Encoder;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.ffmpeg.Frames;

/** Small, reproducible H.264 videos of a square that moves over noise. */
public final class TestVideo {
  private TestVideo() {}

  /** A video with a keyframe every {@code gop} pictures. */
  public static EncodedVideo of(int width, int height, int fps, int pictures, int gop) {
    List<AccessUnit> units = new ArrayList<>();
    List<byte[]> sets = new ArrayList<>();
    for (byte[] picture : pictures(width, height, fps, pictures, gop)) {
      List<byte[]> nalUnits =
          split(ByteBuffer.wrap(picture)).stream().map(TestVideo::bytes).toList();
      boolean keyframe = nalUnits.stream().anyMatch(nal -> (nal[0] & 0x1f) == 5);
      if (sets.isEmpty()) {
        nalUnits.stream().filter(nal -> (nal[0] & 0x1f) == 7).forEach(sets::add);
        nalUnits.stream().filter(nal -> (nal[0] & 0x1f) == 8).forEach(sets::add);
      }
      long micros = Math.round(units.size() * 1e6 / fps);
      units.add(new AccessUnit(nalUnits, keyframe, micros, micros));
    }
    return new EncodedVideo(
        width, height, sets, units, Duration.ofNanos(Math.round(pictures * 1e9 / fps)));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Encoded pictures in Annex B form. */
  public static List<byte[]> pictures(int width, int height, int fps, int pictures, int gop) {
    FFmpegLog.silence();
    AVFrame frame = Frames.allocate(AV_PIX_FMT_YUV420P, width, height);
    List<byte[]> encoded = new ArrayList<>();
    try (Encoder encoder =
        new Encoder(
            "libopenh264",
            Map.of(),
            context -> {
              context.width(width).height(height).pix_fmt(AV_PIX_FMT_YUV420P);
              context.time_base().num(1).den(fps);
              context.framerate().num(fps).den(1);
              context.gop_size(gop).bit_rate(2_000_000).thread_count(1);
            })) {
      for (int n = 0; n < pictures; n++) {
        draw(frame, n);
        encoder.send(frame, n);
        for (AVPacket packet = encoder.receive(); packet != null; packet = encoder.receive()) {
          byte[] bytes = new byte[packet.size()];
          packet.data().get(bytes);
          encoded.add(bytes);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Frames.free(frame);
    }
    if (encoded.size() != pictures) {
      throw new IllegalStateException("the encoder dropped frames: " + encoded.size());
    }
    return encoded;
  }

  private static void draw(AVFrame frame, int n) {
    int width = frame.width();
    int height = frame.height();
    Random random = new Random(n);
    byte[] line = new byte[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean square = Math.abs(x - n * 4 % width) < 16 && Math.abs(y - height / 2) < 16;
        line[x] = (byte) (square ? 230 : 90 + random.nextInt(40));
      }
      frame.data(0).position((long) y * frame.linesize(0)).put(line);
    }
    frame.data(0).position(0);
    byte[] grey = new byte[width / 2];
    Arrays.fill(grey, (byte) 128);
    for (int plane = 1; plane <= 2; plane++) {
      for (int y = 0; y < height / 2; y++) {
        frame.data(plane).position((long) y * frame.linesize(plane)).put(grey);
      }
      frame.data(plane).position(0);
    }
  }

  /** The NAL units of an Annex B stream; independent of the code under test. */
  public static List<ByteBuffer> split(ByteBuffer annexB) {
    List<ByteBuffer> nalUnits = new ArrayList<>();
    int from = -1;
    for (int i = 0; i + 2 < annexB.limit(); i++) {
      if (annexB.get(i) == 0 && annexB.get(i + 1) == 0 && annexB.get(i + 2) == 1) {
        if (from >= 0) {
          nalUnits.add(trimmed(annexB, from, i));
        }
        from = i + 3;
      }
    }
    nalUnits.add(trimmed(annexB, from, annexB.limit()));
    return nalUnits;
  }

  private static ByteBuffer trimmed(ByteBuffer bytes, int from, int to) {
    int end = to;
    while (end > from && bytes.get(end - 1) == 0) {
      end--;
    }
    return bytes.slice(from, end - from);
  }
}
