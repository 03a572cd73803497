package org.shvideo.tasks.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.shvideo.tasks.job.Job;

/** A separate process that appends jobs 0 to n-1 in random order after its standard input ends. */
final class LogWriter {
  private LogWriter() {}

  public static void main(String[] args) throws IOException {
    System.out.println("ready");
    System.in.read();
    appendAll(
        new DetectionLog(Path.of(args[0]), new LogRotation(Long.parseLong(args[3]), 0)),
        Integer.parseInt(args[1]),
        Long.parseLong(args[2]));
  }

  static void appendAll(DetectionLog log, int jobs, long seed) {
    List<Integer> order = IntStream.range(0, jobs).boxed().collect(Collectors.toList());
    Collections.shuffle(order, new Random(seed));
    for (int job : order) {
      log.append(line("job-" + job));
    }
  }

  static DetectionLine line(String job) {
    return line(job, job + ".avi");
  }

  static DetectionLine line(String job, String filename) {
    return DetectionLine.failed(
        new Job(job, filename, "front-door", null),
        LocalDateTime.of(2026, 2, 23, 14, 49, 15),
        "a long reason ".repeat(20));
  }

  /** Starts this class after a shell command, such as a limit. */
  static Process start(String shell, Path file, int jobs, long seed) {
    return start(shell, file, jobs, seed, LogRotation.NEVER);
  }

  static Process start(String shell, Path file, int jobs, long seed, LogRotation rotation) {
    try {
      return new ProcessBuilder(
              "sh",
              "-c",
              shell + " exec \"$@\"",
              "sh",
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:TieredStopAtLevel=1",
              "-XX:-UsePerfData",
              "-cp",
              System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
              LogWriter.class.getName(),
              file.toString(),
              Integer.toString(jobs),
              Long.toString(seed),
              Long.toString(rotation.bytes()))
          .redirectErrorStream(true)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
