package org.shvideo.capture;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.monitoring.Monitoring;

/** The status of all cameras, with the clips published of each. Thread-safe. */
final class CaptureStatus implements ClipListener {
  private final Map<String, CameraStatus> cameras = new TreeMap<>();

  /** Of an earlier run, whose camera is no longer configured. */
  private final LongAdder otherClips = new LongAdder();

  CaptureStatus(CaptureSettings settings) {
    for (Camera camera : settings.cameras()) {
      cameras.put(
          camera.name(),
          new CameraStatus(
              camera.stream().timeout(), camera.detectUrl().isPresent(), System::nanoTime));
    }
  }

  CameraStatus of(String camera) {
    return cameras.get(camera);
  }

  void addTo(Monitoring monitoring) {
    cameras.forEach((name, camera) -> camera.addTo(monitoring, name));
    // No camera has this name.
    monitoring
        .metrics()
        .counter(
            CameraStatus.CLIPS, CameraStatus.CLIPS_MEANING, otherClips::sum, "camera", "(other)");
  }

  @Override
  public void published(Path clip, Job job) {
    CameraStatus camera = job.camera() == null ? null : cameras.get(job.camera());
    if (camera == null) {
      otherClips.increment();
    } else {
      camera.clipPublished();
    }
  }
}
