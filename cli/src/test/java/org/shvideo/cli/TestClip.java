package org.shvideo.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Java2DFrameConverter;

/** A clip with nothing to be seen in it. */
public final class TestClip {
  private TestClip() {}

  /** A clip of one second. */
  public static void write(Path file) throws IOException {
    write(file, 1);
  }

  public static void write(Path file, int seconds) throws IOException {
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    try (var recorder = new FFmpegFrameRecorder(file.toFile(), 64, 48);
        var converter = new Java2DFrameConverter()) {
      recorder.setVideoCodec(avcodec.AV_CODEC_ID_MPEG4);
      recorder.setFrameRate(10);
      recorder.start();
      for (int frame = 0; frame < 10 * seconds; frame++) {
        recorder.record(converter.convert(new BufferedImage(64, 48, BufferedImage.TYPE_3BYTE_BGR)));
      }
      recorder.stop();
    }
  }
}
