package org.shvideo.worker;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntFunction;
import javax.imageio.ImageIO;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Java2DFrameConverter;
import org.shvideo.worker.yolo.ModelSource;
import org.shvideo.worker.yolo.ModelUnavailableException;

/** Clips and models for tests: drawn and encoded here, or of the folder beside the checkout. */
public final class TestClips {
  private TestClips() {}

  /** The YOLOv8n weights; the test is skipped where they cannot be had. */
  public static Path model() {
    Path shared = shared().resolve("models/yolov8n.torchscript");
    try {
      Optional<Path> chosen = Files.exists(shared) ? Optional.of(shared) : Optional.empty();
      return new ModelSource(chosen, root()).find();
    } catch (ModelUnavailableException e) {
      if ("true".equals(System.getenv("SHVIDEO_REQUIRE_MODEL"))) {
        return fail(e);
      }
      assumeTrue(false, e.getMessage());
      throw new AssertionError("skipped", e);
    }
  }

  /** A file of the folder of footage beside the checkout; the test is skipped without it. */
  public static Path shared(String name) {
    Path file = shared().resolve(name);
    assumeTrue(Files.exists(file), "needs " + file + ", which is not part of the project");
    return file;
  }

  private static Path shared() {
    String elsewhere = System.getenv("SHVIDEO_SHARED");
    return elsewhere == null ? root().resolveSibling("shared") : Path.of(elsewhere);
  }

  private static Path root() {
    return Path.of(System.getProperty("shvideo.root")).toAbsolutePath();
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
