package org.shvideo.tasks.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.json.Json;

class LogFollowerTest {
  @TempDir private Path folder;
  private Path file;
  private DetectionLog log;
  private LogFollower follower;
  private int restarts;

  @BeforeEach
  void open() {
    file = folder.resolve(DetectionLog.FILE_NAME);
    log = new DetectionLog(file);
    follower = log.follow();
  }

  @Test
  void passesOnEachLineOnce() {
    assertThat(read()).isEmpty();
    log.append(LogWriter.line("1"));
    log.append(LogWriter.line("2"));
    assertThat(read()).containsExactly("1", "2");
    assertThat(read()).isEmpty();
    log.append(LogWriter.line("3"));
    assertThat(read()).containsExactly("3");
    assertThat(restarts).isZero();
  }

  @Test
  void mayBeginAtThePresentEnd() throws IOException {
    follower = log.followNew();
    log.append(LogWriter.line("1"));
    assertThat(read()).as("there was no log").containsExactly("1");

    follower = log.followNew();
    assertThat(read()).isEmpty();
    log.append(LogWriter.line("2"));
    rotate("20260223-100000");
    log.append(LogWriter.line("3"));
    assertThat(read()).containsExactly("2", "3");

    rotate("20260223-110000");
    follower = log.followNew();
    log.append(LogWriter.line("4"));
    assertThat(read()).as("the end was that of a segment").containsExactly("4");
    assertThat(restarts).isZero();
  }

  @Test
  void passesOnEachLineOnceAcrossRotations() throws IOException {
    log.append(LogWriter.line("1"));
    assertThat(read()).containsExactly("1");
    log.append(LogWriter.line("2"));
    rotate("20260223-100000");
    log.append(LogWriter.line("3"));
    rotate("20260223-110000");
    assertThat(read()).containsExactly("2", "3");
    log.append(LogWriter.line("4"));
    assertThat(read()).containsExactly("4");
    rotate("20260223-120000");
    log.append(LogWriter.line("5"));
    assertThat(read()).containsExactly("5");
    assertThat(restarts).isZero();
  }

  @Test
  void readsExistingSegmentsFirst() throws IOException {
    log.append(LogWriter.line("1"));
    rotate("20260223-100000");
    log.append(LogWriter.line("2"));

    assertThat(read()).containsExactly("1", "2");
  }

  @Test
  void waitsForTheLineBreak() throws IOException {
    String line = Json.write(LogWriter.line("1"));
    Files.writeString(file, line.substring(0, 20));
    assertThat(read()).isEmpty();
    Files.writeString(file, line.substring(20) + "\n", StandardOpenOption.APPEND);
    assertThat(read()).containsExactly("1");
  }

  @Test
  void restartsWhenTheFileWasReplacedOrTruncated() throws IOException {
    log.append(LogWriter.line("1"));
    log.append(LogWriter.line("2"));
    assertThat(read()).hasSize(2);

    Files.writeString(file, Json.write(LogWriter.line("1")) + "\n");
    assertThat(read()).containsExactly("1");
    assertThat(restarts).isEqualTo(1);

    Path other = folder.resolve("other");
    Files.writeString(other, Json.write(LogWriter.line("9")) + "\n");
    Files.delete(file);
    Files.move(other, file);
    assertThat(read()).containsExactly("9");
    assertThat(restarts).isEqualTo(2);
  }

  private void rotate(String stamp) throws IOException {
    Files.move(file, folder.resolve("detections_log-" + stamp + ".jsonl"));
  }

  private List<String> read() {
    List<String> jobs = new ArrayList<>();
    follower.read(line -> jobs.add(line.job()), () -> restarts++);
    return jobs;
  }
}
