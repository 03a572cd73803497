package org.shvideo.worker;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.IntFunction;
import javax.imageio.ImageIO;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Java2DFrameConverter;
import org.shvideo.camera.scene.Scene;

/** Clips for tests, drawn and encoded here. */
public final class TestClips {
  private TestClips() {}

  /** The drawn scene while its stop sign is in the middle; the demo model is sure of it. */
  public static BufferedImage stopSign() {
    return Scene.demo().frame(150);
  }

  public static BufferedImage image(Path file) {
    try {
      return ImageIO.read(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Encodes MPEG-4, or what the extension asks for, in the container of the file's extension. */
  public static Path encode(Path file, int frames, double fps, IntFunction<BufferedImage> picture) {
    return encode(file, frames, fps, 1, picture);
  }

  /** The same with pixels that are {@code aspect} times as wide as high. */
  public static Path encode(
      Path file, int frames, double fps, double aspect, IntFunction<BufferedImage> picture) {
    int codec =
        file.toString().endsWith(".webm")
            ? avcodec.AV_CODEC_ID_VP8
            : file.toString().endsWith(".mjpeg.avi")
                ? avcodec.AV_CODEC_ID_MJPEG
                : avcodec.AV_CODEC_ID_MPEG4;
    BufferedImage first = picture.apply(0);
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    try (var recorder =
            new FFmpegFrameRecorder(file.toFile(), first.getWidth(), first.getHeight());
        var converter = new Java2DFrameConverter()) {
      recorder.setVideoCodec(codec);
      recorder.setFrameRate(fps);
      recorder.setAspectRatio(aspect);
      recorder.setGopSize(10);
      recorder.setPixelFormat(
          codec == avcodec.AV_CODEC_ID_MJPEG
              ? avutil.AV_PIX_FMT_YUVJ420P
              : avutil.AV_PIX_FMT_YUV420P);
      recorder.setVideoBitrate(4_000_000);
      recorder.start();
      for (int i = 0; i < frames; i++) {
        recorder.record(converter.convert(picture.apply(i)), avutil.AV_PIX_FMT_BGR24);
      }
      recorder.stop();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A clip that shows the same picture all the time. */
  public static Path still(Path file, BufferedImage picture, int frames) {
    BufferedImage bgr =
        new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    var graphics = bgr.createGraphics();
    graphics.drawImage(picture, 0, 0, null);
    graphics.dispose();
    return encode(file, frames, 25, i -> bgr);
  }
}
