package org.shvideo.capture;

import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.monitoring.Monitoring;

/**
 * How it stands with the cameras, each by its name; counts clips as it hands news on to another
 * listener. Thread-safe.
 */
final class CaptureStatus implements ClipListener {
  /** No camera's name: of clips that an earlier run left behind, under other settings. */
  private static final String OTHER = "(other)";

  private static final String CLIPS = "shvideo_camera_clips_total";
  private static final String CLIPS_MEANING =
      "Clips published; `(other)` for those that an earlier run left of a camera no longer named.";

  private final Map<String, CameraStatus> cameras = new TreeMap<>();
  private final LongAdder otherClips = new LongAdder();
  private final ClipListener listener;

  CaptureStatus(CaptureSettings settings, ClipListener listener) {
    for (Camera camera : settings.cameras()) {
      cameras.put(camera.name(), new CameraStatus(settings.stream().timeout(), System::nanoTime));
    }
    this.listener = listener;
  }

  CameraStatus of(String camera) {
    return cameras.get(camera);
  }

  void addTo(Monitoring monitoring) {
    cameras.forEach((name, camera) -> monitoring.health().add("camera " + name, camera::check));
    Metrics metrics = monitoring.metrics();
    gauge(
        metrics,
        "shvideo_camera_connected",
        "1 when the camera is connected, 0 when it is not.",
        camera -> camera.isConnected() ? 1 : 0);
    gauge(
        metrics,
        "shvideo_camera_resting",
        "1 while only the camera's keyframes are decoded, since nothing moves; see"
            + " docs/design/motion.md.",
        camera -> camera.isResting() ? 1 : 0);
    gauge(
        metrics,
        "shvideo_camera_last_packet_age_seconds",
        "Time since the last packet came; NaN before the first.",
        CameraStatus::packetAgeSeconds);
    counter(metrics, "shvideo_camera_packets_total", "Packets received.", CameraStatus::packets);
    counter(
        metrics,
        "shvideo_camera_bytes_total",
        "Bytes of the packets received.",
        CameraStatus::bytes);
    counter(
        metrics,
        "shvideo_camera_reconnects_total",
        "Connections made after the first.",
        CameraStatus::reconnects);
    counter(
        metrics,
        "shvideo_camera_failures_total",
        "Tries to connect that failed, and connections that broke off.",
        CameraStatus::failures);
    counter(
        metrics,
        "shvideo_camera_motion_events_total",
        "Times that motion began.",
        CameraStatus::motions);
    counter(metrics, CLIPS, CLIPS_MEANING, CameraStatus::clips);
    metrics.counter(CLIPS, CLIPS_MEANING, otherClips::sum, "camera", OTHER);
  }

  private void gauge(
      Metrics metrics, String name, String help, ToDoubleFunction<CameraStatus> now) {
    cameras.forEach(
        (camera, status) ->
            metrics.gauge(name, help, () -> now.applyAsDouble(status), "camera", camera));
  }

  private void counter(
      Metrics metrics, String name, String help, ToDoubleFunction<CameraStatus> total) {
    cameras.forEach(
        (camera, status) ->
            metrics.counter(name, help, () -> total.applyAsDouble(status), "camera", camera));
  }

  @Override
  public void opened(String camera, OffsetDateTime recordedAt) {
    listener.opened(camera, recordedAt);
  }

  @Override
  public void published(Path clip, Job job) {
    CameraStatus camera = job.camera() == null ? null : cameras.get(job.camera());
    if (camera == null) {
      otherClips.increment();
    } else {
      camera.clipPublished();
    }
    listener.published(clip, job);
  }

  @Override
  public void queued(Job job) {
    listener.queued(job);
  }
}
