package org.shvideo.tasks.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.Fuzz;
import org.shvideo.tasks.json.Json;
import org.slf4j.LoggerFactory;

/** Whatever the log contains, readers skip what is malformed and workers append. */
final class LogFuzzTest {
  private static final int LINES_A_FILE = 50;
  private static final long SEED = 20260223;
  private static final List<String> LINES =
      List.of(
          "{\"ok\":true,\"filename\":\"20260223-144819.avi\",\"detected\":[\"person\",\"tv\"],\"count\":2,"
              + "\"timestamp\":\"2026-02-23T14:49:15.581433\",\"job\":\"34441a9b\",\"camera\":\"door\","
              + "\"recorded_at\":\"2026-02-23T14:48:19.120+02:00\",\"duration_s\":30.0,\"frames\":750,"
              + "\"analysed\":96,\"elapsed_s\":5.1,\"model\":\"yolov8n@c4da9869\",\"confidence\":0.5,"
              + "\"sampling\":\"adaptive\",\"objects\":[{\"label\":\"person\",\"confidence\":0.91,"
              + "\"frames\":88,\"first_s\":0.4,\"last_s\":27.2,\"max_at_once\":2,"
              + "\"box\":[412,180,530,466]}],\"snapshot\":\"20260223-144819.jpg\"}",
          "{\"ok\":false,\"filename\":\"x.avi\",\"error\":\"no\",\"job\":\"1-1\"}",
          "{\"filename\":\"a\",\"detected\":[null],\"objects\":[null,{\"box\":[null,1e99]}]}",
          "{\"filename\":\"a\",\"count\":1e999,\"frames\":-1,\"timestamp\":5,\"confidence\":\"NaN\"}",
          "{\"filename\":\"a\",\"recorded_at\":\"-999999999-01-01T00:00+18:00\",\"job\":[]}",
          "[1]",
          "null",
          "\"text\"",
          "{",
          "{}");

  @TempDir private Path folder;
  private final Logger logger = (Logger) LoggerFactory.getLogger(DetectionLog.class);

  @BeforeEach
  void disableLogging() {
    logger.setLevel(Level.OFF);
  }

  @AfterEach
  void enableLogging() {
    logger.setLevel(null);
  }

  @Test
  void readsAndAppendsWhateverTheFileContains() throws IOException {
    Fuzz fuzz = new Fuzz(SEED);
    int lines = Fuzz.count(20_000);
    long wellFormed = 0;
    for (int done = 0; done < lines; done += LINES_A_FILE) {
      Path file = Files.createDirectory(folder.resolve("" + done)).resolve(DetectionLog.FILE_NAME);
      Files.write(file, content(fuzz));
      DetectionLog log = new DetectionLog(file, new LogRotation(fuzz.oneIn(2) ? 20_000 : 0, 0));
      String job = "job-" + done;
      DetectionLine line = LogWriter.line(job);

      assertThat(log.find(job)).as("file %d of seed %d", done, SEED).isEmpty();
      assertThat(log.append(line)).isEqualTo(line);
      assertThat(log.append(LogWriter.line(job, "again.avi"))).isEqualTo(line);
      assertThat(new DetectionLog(file).find(job)).contains(line);
      try (Stream<DetectionLine> all = log.lines()) {
        List<DetectionLine> read = all.toList();
        assertThat(read).endsWith(line);
        wellFormed += read.size() - 1;
        read.forEach(Json::write);
      }
      try (Stream<LogEntry<DetectionLine>> entries = log.entries()) {
        assertThat(entries.map(LogEntry::place)).doesNotContainNull();
      }
      delete(file.getParent());
    }
    System.out.printf("%d lines, %d of them well-formed%n", lines, wellFormed);
    assertThat(wellFormed).isBetween(lines / 40L, (long) lines);
  }

  @Test
  void hugeLinesAreReadInBoundedTimeAndMemory() throws IOException {
    Path file = folder.resolve(DetectionLog.FILE_NAME);
    for (String huge :
        List.of(
            "[".repeat(4 << 20),
            "{\"filename\":".repeat(300_000),
            "{\"filename\":\"" + "x".repeat(8 << 20) + "\"}",
            "{\"filename\":\"x\",\"count\":" + "9".repeat(1_000_000) + "}",
            "{\"filename\":\"x\",\"confidence\":1e" + "9".repeat(1_000_000) + "}",
            "{\"" + "k".repeat(1_000_000) + "\":1,\"filename\":\"x\"}",
            "{\"filename\":\"x\",\"detected\":[" + "0,".repeat(500_000) + "0]}",
            "\0".repeat(8 << 20))) {
      Files.writeString(file, huge + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    var log = new DetectionLog(file);
    long start = System.nanoTime();

    log.append(LogWriter.line("after"));

    try (Stream<DetectionLine> all = log.lines()) {
      assertThat(all.map(DetectionLine::job)).endsWith("after");
    }
    assertThat((System.nanoTime() - start) / 1_000_000_000).isLessThan(20);
  }

  private static byte[] content(Fuzz fuzz) {
    var content = new ByteArrayOutputStream();
    for (int line = 0; line < LINES_A_FILE; line++) {
      byte[] whole = fuzz.of(LINES).getBytes(UTF_8);
      content.writeBytes(
          switch (fuzz.below(4)) {
            case 0 -> fuzz.bytes(400);
            case 1 -> whole;
            case 2 -> fuzz.text().getBytes(UTF_8);
            default -> fuzz.mutated(whole);
          });
      if (line < LINES_A_FILE - 1 || fuzz.oneIn(2)) {
        content.write('\n');
      }
    }
    return content.toByteArray();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
