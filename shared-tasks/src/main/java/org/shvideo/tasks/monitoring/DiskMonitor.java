package org.shvideo.tasks.monitoring;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import org.shvideo.tasks.video.VideoFolder;

/** Shows how much room the video folder's disk has. Thread-safe. */
final class DiskMonitor {
  private static final long MIB = 1 << 20;

  /** A clip of 30 s at 8 Mbit/s takes half of this. */
  private static final long TOO_LITTLE = 64 * MIB;

  private static final long LITTLE = 1024 * MIB;

  private final VideoFolder folder;

  DiskMonitor(VideoFolder folder) {
    this.folder = folder;
  }

  /** Adds the disk's figures, and the check {@code disk}. */
  void addTo(Monitoring monitoring) {
    monitoring.health().add("disk", this::check);
    monitoring
        .metrics()
        .gauge(
            "shvideo_video_folder_free_bytes",
            "Room left for the service on the video folder's disk.",
            () -> bytes(FileStore::getUsableSpace));
    monitoring
        .metrics()
        .gauge(
            "shvideo_video_folder_size_bytes",
            "Size of the video folder's disk.",
            () -> bytes(FileStore::getTotalSpace));
  }

  private interface Figure {
    long of(FileStore disk) throws IOException;
  }

  private double bytes(Figure figure) {
    try {
      return figure.of(Files.getFileStore(folder.root()));
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  private CheckResult check() {
    long free;
    try {
      free = Files.getFileStore(folder.root()).getUsableSpace();
    } catch (IOException e) {
      return CheckResult.failed(
          "the video folder %s cannot be reached (%s): is it mounted?".formatted(folder.root(), e));
    }
    return check(free);
  }

  CheckResult check(long freeBytes) {
    String free = "%d MiB free for %s".formatted(freeBytes / MIB, folder.root());
    if (freeBytes < TOO_LITTLE) {
      return CheckResult.failed(
          free + ", too little for a clip: delete clips, or take a larger disk");
    }
    return freeBytes < LITTLE
        ? CheckResult.degraded(free + ": soon delete clips, or take a larger disk")
        : CheckResult.ok(free);
  }
}
