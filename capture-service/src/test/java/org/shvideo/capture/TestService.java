package org.shvideo.capture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;

/** A capture service with short clips, and what its cameras show. */
final class TestService {
  private TestService() {}

  /**
   * Opens a service that is not started.
   *
   * @param own settings beside, and before, the usual ones of tests
   */
  static CaptureService open(
      Path folder, JobQueue queue, Map<String, String> own, ClipListener listener)
      throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "VIDEO_DIR", folder.toString(),
                "RECORD_SECONDS", "2",
                "PRE_ROLL", "0.5",
                "MOTION_WARM_UP", "0.5",
                "MOTION_SETTLE", "0.5",
                "MOTION_MIN_AREA", "1000"));
    environment.putAll(own);
    Settings settings = Settings.of(environment);
    CaptureSettings read = CaptureSettings.from(settings);
    settings.check();
    return CaptureService.open(read, queue, Clock.system(ZoneOffset.UTC), listener);
  }

  /** As the test camera serves it; the folder is only passed through. */
  static EncodedVideo video(Path folder, TestVideo video) throws IOException {
    Path file = video.write(folder.resolve("camera.mp4"));
    EncodedVideo read = VideoFile.read(file);
    Files.delete(file);
    return read;
  }
}
