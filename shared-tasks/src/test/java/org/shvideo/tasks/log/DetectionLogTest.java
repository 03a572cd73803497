package org.shvideo.tasks.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.slf4j.LoggerFactory;

@Tag("process")
@Timeout(60)
class DetectionLogTest {
  @TempDir private Path folder;
  private Path file;
  private DetectionLog log;

  @BeforeEach
  void open() {
    file = folder.resolve("video").resolve(DetectionLog.FILE_NAME);
    log = new DetectionLog(file);
  }

  @Test
  void isEmptyBeforeTheFirstAppendWhichCreatesTheFolder() {
    assertThat(jobs()).isEmpty();
    assertThat(log.find("1")).isEmpty();

    log.append(LogWriter.line("1"));

    assertThat(jobs()).containsExactly("1");
    assertThat(new DetectionLog(file).find("1")).contains(LogWriter.line("1"));
  }

  @Test
  void keepsOneLinePerJob() {
    var other = new DetectionLog(file);
    DetectionLine first = log.append(line("1", "first.avi"));

    assertThat(log.append(line("1", "second.avi"))).isEqualTo(first);
    assertThat(other.append(line("1", "third.avi"))).isEqualTo(first);
    other.append(LogWriter.line("2"));

    assertThat(log.append(line("2", "fourth.avi"))).isEqualTo(LogWriter.line("2"));
    assertThat(jobs()).containsExactly("1", "2");
  }

  /** Lines are searched for job ids without being parsed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"job\":\"7\",\"filename\":\"a\"}",
        "{ \"filename\" : \"a\" , \"job\" :\t\"7\" }\r",
        "{\"filename\":\"a\",\"job\":7}",
        "{\"filename\":\"a\",\"job\":\"\\u0037\"}",
        "{\"filename\":\"a\",\"j\\u006fb\":\"7\"}",
        "{\"filename\":\"a\",\"error\":\"\\\"job\\\":\",\"job\":\"7\"}",
        "{\"filename\":\"job\",\"camera\":\"job\",\"job\":\"7\"}",
        "{\"filename\":\"a\",\"job\":\"8\",\"job\":\"7\"}"
      })
  void findsAJobHoweverItsLineIsWritten(String line) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, line + "\n");

    assertThat(log.append(line("7", "again.avi")).filename()).isNotEqualTo("again.avi");
    assertThat(jobs()).containsExactly("7");
  }

  @Test
  void findsAJobWhoseIdIsNotAscii() {
    DetectionLine line = log.append(LogWriter.line("кіт-ü-🐈"));

    assertThat(new DetectionLog(file).find("кіт-ü-🐈")).contains(line);
  }

  @Test
  void alwaysAppendsLinesWithoutJob() {
    log.append(line(null, "x.avi"));
    log.append(line(null, "x.avi"));

    assertThat(jobs()).containsExactly(null, null);
  }

  @Test
  void incompleteLineAffectsNoOtherLine() throws IOException {
    log.append(LogWriter.line("1"));
    write("{\"ok\":true,\"filename\":\"torn.avi\",\"job\":\"2\",\"det");

    assertThat(log.find("2")).isEmpty();
    log.append(LogWriter.line("2"));
    new DetectionLog(file).append(LogWriter.line("3"));

    assertThat(jobs()).containsExactly("1", "2", "3");
    assertThat(Files.readAllLines(file)).hasSize(4);
  }

  @Test
  void acceptsACompleteRecordWithoutLineBreak() throws IOException {
    write(Json.write(LogWriter.line("1")));

    assertThat(log.append(line("1", "again.avi"))).isEqualTo(LogWriter.line("1"));
    assertThat(jobs()).containsExactly("1");
  }

  @Test
  void skipsMalformedLinesAndReportsThemOnce() throws IOException {
    log.append(LogWriter.line("1"));
    write("\0\0\0\0\n\n[1]\n{\"ok\":true}\n\u00ff\n{\"filename\":\"bare.avi\"}\n");
    write("x".repeat(3 << 20) + "\n");
    log.append(LogWriter.line("2"));
    var reported = new ListAppender<ILoggingEvent>();
    reported.start();
    Logger logger = (Logger) LoggerFactory.getLogger(DetectionLog.class);
    logger.addAppender(reported);

    assertThat(jobs()).containsExactly("1", null, "2");

    logger.detachAppender(reported);
    assertThat(reported.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("Skipped 5 malformed lines in " + file + ", first at line 2.");
  }

  @Test
  void detectsThatTheFileWasReplacedTruncatedOrRemoved() throws IOException {
    log.append(LogWriter.line("1"));
    log.append(LogWriter.line("2"));

    Files.writeString(file, Json.write(LogWriter.line("1")) + "\n");
    assertThat(log.find("2")).as("after truncation").isEmpty();
    assertThat(log.find("1")).isPresent();

    Files.move(file, file.resolveSibling("old"));
    log.append(LogWriter.line("1"));
    assertThat(jobs()).as("after it was moved").containsExactly("1");

    Path next = folder.resolve("next");
    new DetectionLog(next).append(LogWriter.line("3"));
    new DetectionLog(next).append(LogWriter.line("4"));
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    log.append(LogWriter.line("3"));
    log.append(LogWriter.line("1"));
    assertThat(jobs()).as("after it was replaced").containsExactly("3", "4", "1");
  }

  @Test
  void appendsInAnInterruptedThread() throws IOException {
    log.append(LogWriter.line("1"));
    write("torn");
    Thread.currentThread().interrupt();
    try {
      log.append(LogWriter.line("2"));
      assertThat(jobs()).containsExactly("1", "2");
      assertThat(log.find("2")).isPresent();
    } finally {
      assertThat(Thread.interrupted()).as("interrupt flag is kept").isTrue();
    }
  }

  @Test
  void locksTheSameFolderUnderDifferentNames() throws Exception {
    Files.createDirectories(file.getParent());
    Path alias = Files.createSymbolicLink(folder.resolve("alias"), file.getParent());
    var both =
        Stream.of(file, alias.resolve(DetectionLog.FILE_NAME))
            .map(
                path ->
                    CompletableFuture.runAsync(
                        () -> LogWriter.appendAll(new DetectionLog(path), 100, 1)))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(both).get(50, TimeUnit.SECONDS);

    assertThat(jobs()).hasSize(100);
  }

  @Test
  void threadsAndProcessesShareTheFile() throws Exception {
    int jobs = 300;
    List<Process> processes =
        List.of(
            LogWriter.start("", file, jobs, 1),
            LogWriter.start("", file, jobs, 1),
            LogWriter.start("", file, jobs, 2));
    for (Process process : processes) {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
    }
    for (Process process : processes) {
      process.getOutputStream().close();
    }
    var inside =
        IntStream.range(1, 4)
            .mapToObj(
                seed ->
                    CompletableFuture.runAsync(
                        () -> LogWriter.appendAll(new DetectionLog(file), jobs, seed)))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(inside).get(50, TimeUnit.SECONDS);
    for (Process process : processes) {
      assertThat(process.inputReader().readLine()).isNull();
    }

    assertThat(Files.readAllLines(file)).hasSize(jobs);
    assertThat(jobs())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, jobs).mapToObj(job -> "job-" + job).toList());
  }

  @Test
  void killedProcessLeavesCompleteLinesAndNoLock() throws Exception {
    Process process = LogWriter.start("", file, 1_000_000, 1);
    process.getOutputStream().close();
    await().until(() -> jobs().size() >= 20);
    process.destroyForcibly().waitFor();
    int whole = jobs().size();
    assertThat(whole).isGreaterThanOrEqualTo(20);

    log.append(LogWriter.line("after"));

    assertThat(jobs()).hasSize(whole + 1).doesNotContainNull();
    assertThat(Files.readAllLines(file)).hasSize(whole + 1);
  }

  @Test
  void fullDiskIsReportedAndLeavesNoPartialLine() throws Exception {
    Process process = LogWriter.start("ulimit -f 4;", file, 1000, 1);
    process.getOutputStream().close();

    assertThat(output(process)).contains("Cannot write the detection log " + file);
    assertThat(jobs()).isNotEmpty();
    assertThat(Files.readString(file)).endsWith("}\n");
  }

  @Test
  void namesAFileThatCannotBeRead() throws IOException {
    Files.createDirectories(file);

    assertThatThrownBy(() -> log.append(LogWriter.line("1")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString());
  }

  private static DetectionLine line(String job, String filename) {
    LocalDateTime time = LocalDateTime.of(2026, 2, 23, 14, 49, 15);
    return job == null
        ? DetectionLine.builder(filename, time).build()
        : DetectionLine.builder(new Job(job, filename, null, null), time).build();
  }

  private List<String> jobs() {
    try (var lines = log.lines()) {
      var jobs = new ArrayList<String>();
      lines.forEach(line -> jobs.add(line.job()));
      return jobs;
    }
  }

  private void write(String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String output(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output;
  }
}
