package org.shvideo.cli.inspect;

import static java.time.temporal.ChronoUnit.SECONDS;

import java.awt.Font;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Locale;
import org.shvideo.capture.retention.RetentionClock;
import org.shvideo.cli.pipeline.EventPrinter;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;

/** Checks processors, fonts, the model and the video folder. */
record MachineCheck(DoctorReport report) {
  private static final long MIN_FREE_BYTES = 2_000_000_000L;
  private static final double MIN_FREE_HOURS = 24;

  void checkProcessors() {
    int processors = Runtime.getRuntime().availableProcessors();
    String machine =
        "%s %s, Java %d"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version().feature());
    if (processors > 1) {
      report.ok("machine", "%d processors, %s".formatted(processors, machine));
    } else {
      report.warn(
          "machine",
          "1 processor, " + machine + ": recording and analysis share it, 2 are recommended");
    }
  }

  void checkFonts() {
    try {
      var graphics = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB).createGraphics();
      Font font = graphics.getFontMetrics(new Font(Font.SANS_SERIF, Font.BOLD, 12)).getFont();
      report.ok("fonts", font.getFontName() + ", for labels in snapshots");
    } catch (RuntimeException | LinkageError | InternalError e) {
      report.warn(
          "fonts",
          "none found, so snapshots have boxes without labels. Debian: apt install fontconfig"
              + " libfreetype6 fonts-dejavu-core");
    }
  }

  /** The clock names clips, and says which are too old. */
  void checkClock(VideoFolder folder) {
    Instant now = Instant.now();
    if (now.isBefore(ClipName.EARLIEST)) {
      report.fail("clock", now + " is wrong, and clips are named by it: set it, or install NTP");
    } else {
      RetentionClock.problem(folder)
          .ifPresentOrElse(
              reason -> report.warn("clock", "clips that are too old are kept: " + reason),
              () ->
                  report.ok(
                      "clock",
                      OffsetDateTime.now(ZoneId.systemDefault()).truncatedTo(SECONDS).toString()));
    }
  }

  void checkModel(Settings settings) {
    try {
      report.ok("model", EventPrinter.displayPath(Models.find(settings)));
    } catch (UserException e) {
      report.fail("model", e.getMessage());
    }
  }

  void checkFolder(VideoFolder folder) throws IOException {
    Path root = folder.root();
    if (!Files.exists(root)) {
      Path parent = root.getParent();
      if (parent != null && Files.isWritable(parent)) {
        report.ok("folder", root + " will be created");
      } else {
        report.fail(
            "folder", "%s does not exist; user %s cannot create it".formatted(root, user()));
      }
    } else if (!Files.isDirectory(root) || !Files.isWritable(root) || !Files.isReadable(root)) {
      report.fail(
          "folder",
          "user %s cannot read and write %s: chown or chmod it, or choose another folder"
              .formatted(user(), root));
    } else {
      long free = Files.getFileStore(root).getUsableSpace();
      String space = String.format(Locale.ROOT, "%s, %.1f GB free", root, free / 1e9);
      if (free < MIN_FREE_BYTES) {
        report.fail("folder", space + ": delete files that you do not need, or move the folder");
      } else {
        report.ok("folder", space);
      }
    }
  }

  /** In a container the user may only have a number. */
  private static String user() {
    String name = System.getProperty("user.name", "?");
    try {
      return name.equals("?") ? Files.getAttribute(Path.of("/proc/self"), "unix:uid") + "" : name;
    } catch (IOException | UnsupportedOperationException e) {
      return name;
    }
  }

  /** Checks how long the disk lasts if all cameras record all the time. */
  void checkRecordingTime(VideoFolder folder, double megabitsPerSecond) throws IOException {
    if (megabitsPerSecond <= 0 || !Files.isDirectory(folder.root())) {
      return;
    }
    long free = Files.getFileStore(folder.root()).getUsableSpace();
    double hours = free * 8 / (megabitsPerSecond * 1e6) / 3600;
    String time =
        String.format(
            Locale.ROOT,
            "enough for %.0f hours of motion at %.2f Mbit/s from all cameras",
            hours,
            megabitsPerSecond);
    String advice = time + ": free some space, or lower the bit rate of the cameras";
    if (hours < 1) {
      report.fail("disk space", advice);
    } else if (hours < MIN_FREE_HOURS) {
      report.warn("disk space", advice);
    } else {
      report.ok("disk space", time);
    }
  }
}
