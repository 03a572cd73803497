package org.shvideo.tasks.monitoring;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import org.shvideo.tasks.video.VideoFolder;

/** The free space of the video folder's disk, as metrics and as a health check. Thread-safe. */
record DiskMonitor(VideoFolder folder) {
  private static final long MIB = 1 << 20;

  /** A clip of 30 s at 8 Mbit/s takes half of this. */
  private static final long MIN_FREE = 64 * MIB;

  private static final long LOW_FREE = 1024 * MIB;

  /** Adds the disk's metrics, and the check {@code disk}. */
  void addTo(Monitoring monitoring) {
    monitoring.health().add("disk", this::check);
    Metrics metrics = monitoring.metrics();
    metrics.gauge(
        "shvideo_video_folder_free_bytes",
        "Free space for the service on the video folder's disk.",
        () -> bytes(FileStore::getUsableSpace));
    metrics.gauge(
        "shvideo_video_folder_size_bytes",
        "Size of the video folder's disk.",
        () -> bytes(FileStore::getTotalSpace));
  }

  private interface Measurement {
    long of(FileStore disk) throws IOException;
  }

  private double bytes(Measurement measurement) {
    try {
      return measurement.of(Files.getFileStore(folder.root()));
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  private CheckResult check() {
    try {
      return check(Files.getFileStore(folder.root()).getUsableSpace());
    } catch (IOException e) {
      return CheckResult.failed(
          "Cannot access the video folder %s (%s). Check that it is mounted."
              .formatted(folder.root(), e));
    }
  }

  CheckResult check(long freeBytes) {
    String free = "%d MiB free for %s".formatted(freeBytes / MIB, folder.root());
    if (freeBytes < MIN_FREE) {
      return CheckResult.failed(
          free + ", too little for a clip. Delete clips, or use a larger disk.");
    }
    return freeBytes < LOW_FREE
        ? CheckResult.degraded(free + ". Delete clips soon, or use a larger disk.")
        : CheckResult.ok(free);
  }
}
