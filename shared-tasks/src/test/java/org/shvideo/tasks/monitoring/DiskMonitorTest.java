package org.shvideo.tasks.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.video.VideoFolder;

@Tag("server")
final class DiskMonitorTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path folder;

  @Test
  void reportsFreeSpaceAndSize() throws Exception {
    try (Monitoring monitoring = monitoring(folder)) {
      PrometheusText read = MonitoringClient.metrics(monitoring.port());
      double size = Files.getFileStore(folder).getTotalSpace();

      assertThat(read.value("shvideo_video_folder_size_bytes")).isEqualTo(size);
      assertThat(read.value("shvideo_video_folder_free_bytes")).isBetween(0.0, size);
      assertThat(MonitoringClient.health(monitoring.port()).check("disk"))
          .contains("MiB free for " + folder);
    }
  }

  @Test
  void missingFolderIsAFailure() throws Exception {
    try (Monitoring monitoring = monitoring(folder.resolve("missing"))) {
      assertThat(MonitoringClient.health(monitoring.port()).status()).isEqualTo(503);
      assertThat(MonitoringClient.health(monitoring.port()).check("disk"))
          .startsWith("failed: Cannot access the video folder " + folder.resolve("missing"))
          .endsWith("Check that it is mounted.");
      assertThat(
              MonitoringClient.metrics(monitoring.port()).value("shvideo_video_folder_free_bytes"))
          .isNaN();
    }
  }

  @Test
  void warnsBeforeTheDiskIsFull() {
    DiskMonitor disk = new DiskMonitor(new VideoFolder(folder));
    assertThat(disk.check(1024 * MIB).state()).isEqualTo(State.OK);
    assertThat(disk.check(1024 * MIB - 1).state()).isEqualTo(State.DEGRADED);
    assertThat(disk.check(64 * MIB).state()).isEqualTo(State.DEGRADED);
    assertThat(disk.check(64 * MIB - 1).state()).isEqualTo(State.FAILED);
    assertThat(disk.check(MIB).message()).startsWith("1 MiB free").contains("Delete clips");
  }

  private static Monitoring monitoring(Path folder) throws Exception {
    Monitoring monitoring = new Monitoring(new MonitoringSettings("127.0.0.1", OptionalInt.of(0)));
    monitoring.watch(new VideoFolder(folder));
    monitoring.start();
    return monitoring;
  }
}
