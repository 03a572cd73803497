package org.shvideo.tasks.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.monitoring.Finding.State;
import org.shvideo.tasks.video.VideoFolder;

final class DiskWatchTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path folder;

  @Test
  void roomOfTheFoldersDiskIsShown() throws Exception {
    try (Monitoring monitoring = watching(folder)) {
      Exposition read = Answers.metrics(monitoring.port());
      double size = Files.getFileStore(folder).getTotalSpace();

      assertThat(read.value("shvideo_video_folder_size_bytes")).isEqualTo(size);
      assertThat(read.value("shvideo_video_folder_free_bytes")).isBetween(0.0, size);
      assertThat(Answers.health(monitoring.port()).check("disk"))
          .contains("MiB free for " + folder);
    }
  }

  @Test
  void folderThatIsAwayIsAFailure() throws Exception {
    try (Monitoring monitoring = watching(folder.resolve("missing"))) {
      assertThat(Answers.health(monitoring.port()).status()).isEqualTo(503);
      assertThat(Answers.health(monitoring.port()).check("disk"))
          .startsWith("failed: the video folder " + folder.resolve("missing"))
          .endsWith("is it mounted?");
      assertThat(Answers.metrics(monitoring.port()).value("shvideo_video_folder_free_bytes"))
          .isNaN();
    }
  }

  @Test
  void littleRoomIsToldBeforeItIsTooLittle() {
    DiskWatch disk = new DiskWatch(new VideoFolder(folder));
    assertThat(disk.finding(1024 * MIB).state()).isEqualTo(State.OK);
    assertThat(disk.finding(1024 * MIB - 1).state()).isEqualTo(State.DEGRADED);
    assertThat(disk.finding(64 * MIB).state()).isEqualTo(State.DEGRADED);
    assertThat(disk.finding(64 * MIB - 1).state()).isEqualTo(State.FAILED);
    assertThat(disk.finding(MIB).message()).startsWith("1 MiB free").contains("delete clips");
  }

  private static Monitoring watching(Path folder) throws Exception {
    Monitoring monitoring = new Monitoring(new MonitoringSettings("127.0.0.1", OptionalInt.of(0)));
    monitoring.watch(new VideoFolder(folder));
    monitoring.start();
    return monitoring;
  }
}
