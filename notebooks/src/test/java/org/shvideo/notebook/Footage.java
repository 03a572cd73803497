package org.shvideo.notebook;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Java2DFrameConverter;
import org.shvideo.worker.clip.ClipFrame;
import org.shvideo.worker.clip.ClipReader;

/** Real footage in pieces short enough to be analysed several times in a test. */
public final class Footage {
  private Footage() {}

  /** Footage beside the checkout; the test that asks for it is skipped where there is none. */
  public static Path media(String name) {
    Path file =
        Optional.ofNullable(System.getenv("SHVIDEO_SHARED"))
            .map(Path::of)
            .orElse(Path.of(System.getProperty("shvideo.root")).resolveSibling("shared"))
            .resolve("media")
            .resolve(name);
    assumeTrue(Files.exists(file), "no footage beside the checkout");
    return file;
  }

  /** Writes some frames of a clip as an AVI of its own. */
  public static void cut(Path clip, int from, int frames, Path avi) throws Exception {
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    try (ClipReader reader = ClipReader.open(clip, 1);
        var recorder =
            new FFmpegFrameRecorder(avi.toFile(), reader.info().width(), reader.info().height());
        var converter = new Java2DFrameConverter()) {
      recorder.setVideoCodec(avcodec.AV_CODEC_ID_MPEG4);
      recorder.setFrameRate(reader.info().framesPerSecond());
      recorder.setVideoQuality(2);
      recorder.start();
      while (reader.next() && reader.index() < from + frames) {
        if (reader.index() >= from) {
          try (ClipFrame frame = reader.copy()) {
            recorder.record(converter.convert(frame.toImage()));
          }
        }
      }
      recorder.stop();
    }
  }
}
