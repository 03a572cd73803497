package org.shvideo.notebook;

import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Java2DFrameConverter;
import org.shvideo.camera.scene.Scene;

/** Clips of the drawn scene. The demo model detects its stop sign in frames 75 to 224 of 330. */
public final class SceneClip {
  public static final int FRAMES = 330;
  private static final Scene SCENE = new Scene(640, 360, 15, 7);

  private SceneClip() {}

  /** Writes frames of the scene, from the given one on. */
  public static Path write(Path avi, int first, int count) throws IOException {
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    try (var recorder = new FFmpegFrameRecorder(avi.toFile(), SCENE.width(), SCENE.height());
        var converter = new Java2DFrameConverter()) {
      recorder.setVideoCodec(avcodec.AV_CODEC_ID_MPEG4);
      recorder.setFrameRate(SCENE.framesPerSecond());
      recorder.setVideoQuality(2);
      recorder.start();
      for (int index = first; index < first + count; index++) {
        recorder.record(converter.convert(SCENE.frame(index)));
      }
      recorder.stop();
    }
    return avi;
  }
}
