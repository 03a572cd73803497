package org.shvideo.capture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Java's reports of crashes in native code, by the camera on whose thread they happened. A crash
 * ends the recording of all cameras until the service is started again, so a camera that caused one
 * is not connected at once: the others go on meanwhile. A process for each camera would cost 80 MB
 * each; see docs/design/architecture.md. Not thread-safe.
 */
final class CrashReports {
  private static final Logger LOG = LoggerFactory.getLogger(CrashReports.class);

  /** Where the start scripts tell Java to write the report of a crash. */
  static final String NEWEST = ".capture-crash.log";

  static final String FOLDER = ".crashes";

  /** No camera has this name. */
  private static final String UNKNOWN = "(unknown)";

  /** Longer ago, a crash says nothing about the camera of today. */
  private static final Duration MEMORY = Duration.ofDays(1);

  private static final Duration FIRST_DELAY = Duration.ofSeconds(10);
  private static final Duration MAX_DELAY = Duration.ofHours(1);
  private static final int FACTOR = 6;

  private static final int MAX_KEPT = 20;

  /** The line that names the thread stands near the beginning of a report. */
  private static final int MAX_LINES = 200;

  private static final Pattern THREAD =
      Pattern.compile("^Current thread \\(\\w+\\): +JavaThread \"" + CameraLoop.THREAD + "(.+?)\"");

  private static final Pattern NAME = Pattern.compile("(.+)\\.\\d+\\.log");

  /**
   * @param delay until the camera may be connected
   */
  record Crashes(int number, Duration delay) {}

  private record Report(Path file, String camera, Instant time) {}

  private final Path folder;
  private final Clock clock;
  private final List<Report> reports = new ArrayList<>();

  /** Takes in the report of a crash since the last start, if there is one. */
  CrashReports(VideoFolder videoFolder, Clock clock) {
    this.folder = videoFolder.root().resolve(FOLDER);
    this.clock = clock;
    try {
      takeIn(videoFolder.root().resolve(NEWEST));
      if (Files.isDirectory(folder)) {
        readAll();
      }
    } catch (IOException e) {
      LOG.warn("Cannot read the crash reports in {}: {}", folder, ClipStore.reason(e));
    }
  }

  private void takeIn(Path newest) throws IOException {
    if (Files.notExists(newest)) {
      return;
    }
    String camera = camera(newest);
    Path file = folder.resolve("%s.%d.log".formatted(camera, clock.millis()));
    FileOperations.createPrivateFolder(folder);
    Files.move(newest, file, StandardCopyOption.REPLACE_EXISTING);
    LOG.error(
        camera.equals(UNKNOWN)
            ? "This service crashed. It is unknown which camera's stream did it; the report is {}."
            : "This service crashed by the stream of a camera; the report is {}.",
        file);
  }

  private static String camera(Path report) throws IOException {
    // ISO 8859-1 decodes anything; camera names are decoded anew.
    try (Stream<String> lines = Files.lines(report, StandardCharsets.ISO_8859_1)) {
      return lines
          .limit(MAX_LINES)
          .map(
              line ->
                  new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
          .map(THREAD::matcher)
          .filter(Matcher::find)
          .map(found -> found.group(1))
          .findFirst()
          .orElse(UNKNOWN);
    }
  }

  private void readAll() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          reports.add(new Report(file, name.group(1), Files.getLastModifiedTime(file).toInstant()));
        }
      }
    }
    reports.sort((a, b) -> b.time().compareTo(a.time()));
    for (Report old : reports.subList(Math.min(MAX_KEPT, reports.size()), reports.size())) {
      Files.deleteIfExists(old.file());
    }
  }

  /** The crashes by this camera's stream within the last day. */
  Crashes of(String camera) {
    List<Duration> ages =
        reports.stream()
            .filter(report -> report.camera().equals(camera))
            .map(report -> Duration.between(report.time(), clock.instant()).abs())
            .filter(age -> age.compareTo(MEMORY) < 0)
            .sorted()
            .toList();
    if (ages.isEmpty()) {
      return new Crashes(0, Duration.ZERO);
    }
    Duration delay = FIRST_DELAY;
    for (int crash = 1; crash < ages.size() && delay.compareTo(MAX_DELAY) < 0; crash++) {
      delay = delay.multipliedBy(FACTOR);
    }
    Duration rest = (delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay).minus(ages.get(0));
    return new Crashes(ages.size(), rest.isNegative() ? Duration.ZERO : rest);
  }
}
