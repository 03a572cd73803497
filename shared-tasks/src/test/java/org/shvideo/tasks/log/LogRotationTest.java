package org.shvideo.tasks.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;

@Tag("process")
@Timeout(60)
class LogRotationTest {
  private static final int LINE = Json.write(LogWriter.line("job-100")).length() + 1;
  private static final LogRotation THREE_LINES = new LogRotation(3L * LINE, 0);

  @TempDir private Path folder;
  private Path file;
  private DetectionLog log;

  @BeforeEach
  void open() {
    file = folder.resolve(DetectionLog.FILE_NAME);
    log = new DetectionLog(file, THREE_LINES);
  }

  @Test
  void rotatesBeforeTheFileExceedsItsMaximumSize() throws IOException {
    append(log, 100, 107);

    assertThat(names())
        .containsExactly(
            "detections_log-20260223-144915.jsonl",
            "detections_log-20260223-144916.jsonl",
            DetectionLog.FILE_NAME);
    assertThat(Files.size(folder.resolve("detections_log-20260223-144915.jsonl")))
        .isEqualTo(3L * LINE);
    assertThat(Files.readAllLines(file)).hasSize(1);
    assertThat(jobs(log)).isEqualTo(jobs(100, 107));
  }

  @Test
  void lineLongerThanTheMaximumHasItsOwnFile() throws IOException {
    var tiny = new DetectionLog(file, new LogRotation(10, 0));
    append(tiny, 0, 3);

    assertThat(names()).hasSize(3);
    assertThat(jobs(tiny)).isEqualTo(jobs(0, 3));
  }

  @Test
  void rotatesAtMidnight() throws IOException {
    var daily = new DetectionLog(file, new LogRotation(0, 1));
    daily.append(at("1", "2026-02-23T00:00"));
    daily.append(at("2", "2026-02-23T23:59:59.999"));
    new DetectionLog(file, new LogRotation(0, 1)).append(at("3", "2026-02-24T00:00"));
    daily.append(at("4", "2026-02-24T12:00"));
    daily.append(at("5", "2026-02-27T12:00"));

    assertThat(names())
        .containsExactly(
            "detections_log-20260224-000000.jsonl",
            "detections_log-20260227-120000.jsonl",
            DetectionLog.FILE_NAME);
    assertThat(Files.readAllLines(folder.resolve("detections_log-20260224-000000.jsonl")))
        .hasSize(2);
    assertThat(jobs(daily)).containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  void keepsTheOrderWhenTheClockIsSetBack() throws IOException {
    var daily = new DetectionLog(file, new LogRotation(10, 1));
    daily.append(at("1", "2026-10-25T03:00"));
    daily.append(at("2", "2026-10-25T02:30"));
    daily.append(at("3", "2016-01-01T00:00"));
    daily.append(at("4", "2026-10-25T02:00"));

    assertThat(names()).hasSize(4).isSorted();
    assertThat(jobs(daily)).containsExactly("1", "2", "3", "4");
  }

  @Test
  void keepsOneLinePerJobAcrossSegments() throws IOException {
    var other = new DetectionLog(file);
    other.append(LogWriter.line("job-100"));
    assertThat(log.find("job-103")).isEmpty();
    append(new DetectionLog(file, THREE_LINES), 101, 108);
    DetectionLine again = LogWriter.line("job-100", "again.avi");

    for (DetectionLog any : List.of(log, other, new DetectionLog(file))) {
      assertThat(any.append(again)).isEqualTo(LogWriter.line("job-100"));
      assertThat(any.find("job-103")).contains(LogWriter.line("job-103"));
      assertThat(any.find("job-107")).contains(LogWriter.line("job-107"));
      assertThat(any.find("job-108")).isEmpty();
    }
    assertThat(jobs(log)).isEqualTo(jobs(100, 108));
  }

  @Test
  void crashDuringRotationLosesNothing() throws IOException {
    append(log, 100, 103);
    Files.move(file, folder.resolve("detections_log-20260223-144915.jsonl"));

    assertThat(jobs(log)).isEqualTo(jobs(100, 103));
    assertThat(log.find("job-101")).isPresent();
    assertThat(new DetectionLog(file).append(LogWriter.line("job-101", "again.avi")))
        .isEqualTo(LogWriter.line("job-101"));
    assertThat(file).doesNotExist();
    append(log, 103, 104);
    assertThat(jobs(log)).isEqualTo(jobs(100, 104));
  }

  @Test
  void incompleteLineAtTheEndOfASegmentAffectsNoOtherLine() throws IOException {
    append(log, 100, 103);
    Files.writeString(
        file, "{\"ok\":true,\"filename\":\"torn.avi\",\"d", StandardOpenOption.APPEND);
    append(log, 103, 105);

    assertThat(names()).hasSize(2);
    assertThat(jobs(log)).isEqualTo(jobs(100, 105));
    try (Stream<LogEntry<DetectionLine>> entries = log.entries()) {
      assertThat(entries.filter(entry -> entry.line().isEmpty()).map(LogEntry::place))
          .containsExactly("detections_log-20260223-144915.jsonl line 4");
    }
  }

  @Test
  void continuesInOneFileWhenRotationFails() throws IOException {
    Path taken = Files.createDirectory(folder.resolve("detections_log-20260223-144915.jsonl"));
    append(log, 100, 105);

    assertThat(Files.readAllLines(file)).hasSize(5);
    Files.delete(taken);
    append(log, 105, 106);
    assertThat(names()).hasSize(2);
    assertThat(jobs(log)).isEqualTo(jobs(100, 106));
  }

  @Test
  void aDeletedSegmentIsNoLongerPartOfTheLog() throws IOException {
    append(log, 100, 107);
    try (Stream<DetectionLine> reading = log.lines()) {
      Files.delete(folder.resolve("detections_log-20260223-144915.jsonl"));
      assertThat(reading.map(DetectionLine::job)).isEqualTo(jobs(103, 107));
    }
    assertThat(log.find("job-100")).isEmpty();
    assertThat(log.find("job-103")).isPresent();
  }

  @Test
  void ignoresOtherFiles() throws IOException {
    String line = Json.write(LogWriter.line("x")) + "\n";
    for (String name :
        List.of(
            "detections_log-20261399-000000.jsonl",
            "detections_log-20260223-144915.jsonl.gz",
            "detections_log-backup.jsonl",
            "detections_log2-20260223-144915.jsonl")) {
      Files.writeString(folder.resolve(name), line);
    }
    append(log, 100, 101);

    assertThat(jobs(log)).isEqualTo(jobs(100, 101));
  }

  @Test
  void readersGetEveryLineOnceDuringRotation() throws Exception {
    int jobs = 400;
    var reader = new DetectionLog(file);
    var writing =
        CompletableFuture.runAsync(
            () -> {
              for (int job = 0; job < jobs; job++) {
                log.append(LogWriter.line("job-" + job));
              }
            });
    int before = 0;
    while (!writing.isDone()) {
      List<String> seen = jobs(reader);
      assertThat(seen).isEqualTo(jobs(0, seen.size())).hasSizeGreaterThanOrEqualTo(before);
      before = seen.size();
      if (before > 0) {
        assertThat(reader.find("job-" + (before - 1))).isPresent();
      }
    }
    writing.get(1, TimeUnit.SECONDS);

    assertThat(jobs(reader)).isEqualTo(jobs(0, jobs));
    assertThat(names()).hasSizeGreaterThan(jobs / 4);
  }

  /** The current file holds the number of its segments, and becomes one at once. */
  @Test
  void readersGetAConsistentSnapshotOfTheFiles() throws Exception {
    int rotations = 1500;
    var rotating =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int number = 0; number < rotations; number++) {
                  Path next = Files.writeString(folder.resolve("next"), number + "\n");
                  Files.move(next, file);
                  LocalDateTime time = LocalDateTime.of(2026, 2, 23, 0, 0).plusSeconds(number);
                  Files.move(
                      file,
                      folder.resolve(
                          "detections_log-%tY%<tm%<td-%<tH%<tM%<tS.jsonl".formatted(time)));
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    var files = new LogFiles(file);
    int during = 0;
    while (!rotating.isDone()) {
      LogFiles.Snapshot opened = files.open();
      if (opened.newest() != null) {
        during++;
        try (var newest = opened.newest()) {
          assertThat(new String(newest.readAllBytes(), UTF_8))
              .isEqualTo(opened.segments().size() + "\n");
        }
      }
    }
    rotating.get(1, TimeUnit.SECONDS);
    assertThat(during).isPositive();
  }

  /** Three processes and a thread want to log the same jobs; two more are killed meanwhile. */
  @Test
  void processesShareARotatedLogAndMayBeKilled() throws Exception {
    int jobs = 300;
    var doomed =
        List.of(
            LogWriter.start("", file, jobs, 1, THREE_LINES),
            LogWriter.start("", file, jobs, 2, THREE_LINES));
    var others =
        List.of(
            LogWriter.start("", file, jobs, 1, THREE_LINES),
            LogWriter.start("", file, jobs, 3, THREE_LINES),
            LogWriter.start("", file, jobs, 4, new LogRotation(2L * LINE, 0)));
    var all = new ArrayList<>(doomed);
    all.addAll(others);
    for (Process process : all) {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
    }
    for (Process process : all) {
      process.getOutputStream().close();
    }
    var inside = CompletableFuture.runAsync(() -> LogWriter.appendAll(log, jobs, 5));
    for (int i = 0; i < doomed.size(); i++) {
      while (jobs(log).size() < 60 * (i + 1)) {
        Thread.onSpinWait();
      }
      doomed.get(i).destroyForcibly().waitFor();
    }
    inside.get(50, TimeUnit.SECONDS);
    for (Process process : others) {
      assertThat(process.inputReader().lines())
          .as("logs rotations only")
          .allMatch(message -> message.contains(" - Rotated "));
      assertThat(process.waitFor()).isZero();
    }

    assertThat(jobs(new DetectionLog(file)))
        .containsExactlyInAnyOrderElementsOf(jobs(0, jobs))
        .isEqualTo(jobs(log));
    int lines = 0;
    for (String name : names()) {
      List<String> text = Files.readAllLines(folder.resolve(name));
      assertThat(text).as(name).hasSizeBetween(1, 3);
      lines += text.size();
    }
    assertThat(lines).as("no incomplete line").isEqualTo(jobs);
  }

  @Test
  void readsItsSettings() {
    Settings settings = Settings.of(Map.of("LOG_ROTATE_BYTES", "64M", "LOG_ROTATE_DAYS", "7"));

    assertThat(LogRotation.from(settings)).isEqualTo(new LogRotation(64 << 20, 7));
    settings.check();
    assertThat(LogRotation.from(Settings.of(Map.of()))).isEqualTo(LogRotation.NEVER);
    Settings wrong = Settings.of(Map.of("LOG_ROTATE_DAYS", "daily"));
    LogRotation.from(wrong);
    assertThatThrownBy(wrong::check)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("LOG_ROTATE_DAYS must be a whole number");
  }

  private static void append(DetectionLog log, int from, int to) {
    for (int job = from; job < to; job++) {
      log.append(LogWriter.line("job-" + job));
    }
  }

  private static DetectionLine at(String job, String time) {
    return DetectionLine.failed(
        new Job(job, job + ".avi", null, null), LocalDateTime.parse(time), "a reason");
  }

  private static List<String> jobs(int from, int to) {
    return IntStream.range(from, to).mapToObj(job -> "job-" + job).toList();
  }

  private static List<String> jobs(DetectionLog log) {
    try (Stream<DetectionLine> lines = log.lines()) {
      List<String> jobs = lines.map(DetectionLine::job).toList();
      assertThat(new HashSet<>(jobs)).as("no duplicate line").hasSameSizeAs(jobs);
      return jobs;
    }
  }

  /** The log's files, oldest first. */
  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(".jsonl"))
          .sorted()
          .toList();
    }
  }
}
