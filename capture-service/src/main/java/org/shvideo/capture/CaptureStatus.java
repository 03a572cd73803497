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
 * The status of all cameras. Counts published clips per camera and passes all events on to another
 * listener. Thread-safe.
 */
final class CaptureStatus implements ClipListener {
  /** Label for clips of an earlier run whose camera is no longer configured; no camera's name. */
  private static final String OTHER = "(other)";

  private static final String CLIPS = "shvideo_camera_clips_total";
  private static final String CLIPS_MEANING =
      "Clips published; `(other)` for clips of an earlier run whose camera is no longer"
          + " configured.";

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
        "1 while only keyframes are decoded, because nothing moves; see docs/design/motion.md.",
        camera -> camera.isResting() ? 1 : 0);
    gauge(
        metrics,
        "shvideo_camera_last_packet_age_seconds",
        "Time since the last packet; NaN before the first.",
        CameraStatus::packetAgeSeconds);
    counter(metrics, "shvideo_camera_packets_total", "Packets received.", CameraStatus::packets);
    counter(
        metrics, "shvideo_camera_bytes_total", "Bytes received in packets.", CameraStatus::bytes);
    counter(
        metrics,
        "shvideo_camera_reconnects_total",
        "Connections after the first.",
        CameraStatus::reconnects);
    counter(
        metrics,
        "shvideo_camera_failures_total",
        "Failed attempts to connect, and broken connections.",
        CameraStatus::failures);
    counter(
        metrics,
        "shvideo_camera_motion_events_total",
        "Motions that began.",
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
