package org.shvideo.tasks.log;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDate;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * One file of the log and which jobs have their lines where in it, as far as it was read. Not
 * thread-safe.
 */
final class Segment {
  private final Object identity;
  private final JobIndex index = new JobIndex();
  private long indexed;
  private LocalDate first;

  /**
   * @param identity the file's, null for one that is not there yet
   */
  Segment(Object identity) {
    this.identity = identity;
  }

  /**
   * Whether it is of this file, and the file was not cut.
   *
   * @param file null for one that is not there
   */
  boolean isOf(BasicFileAttributes file) {
    return file == null
        ? identity == null
        : LogFiles.identity(file).equals(identity) && file.size() >= indexed;
  }

  /** Where the last whole line ends that was read. */
  long indexed() {
    return indexed;
  }

  /** The day of the first line that says it; null when none does. */
  LocalDate first() {
    return first;
  }

  /**
   * Reads what was appended since the last time.
   *
   * @param file by its present name
   * @param unfinished whether a last line without its break counts too: nothing is appended to a
   *     segment
   * @return false when another file has that name by now
   */
  boolean catchUp(Path file, boolean unfinished) throws IOException {
    try (FileInputStream in = LogFiles.openedOrNull(file)) {
      if (in == null || !Objects.equals(identity, LogFiles.identity(file))) {
        return false;
      }
      var lines = new LineReader(in, indexed);
      for (var line = lines.read();
          line != null && (line.whole() || unfinished);
          line = lines.read()) {
        LogEntry.parse(line.text()).ifPresent(add(line.start()));
        indexed = line.end();
      }
      return true;
    }
  }

  private Consumer<DetectionLine> add(long start) {
    return line -> {
      if (line.job() != null) {
        index.add(line.job(), start);
      }
      if (first == null && line.timestamp() != null) {
        first = line.timestamp().toLocalDate();
      }
    };
  }

  /** The line of that job, if it stands in the file; null when not. */
  DetectionLine standing(Path file, String job) throws IOException {
    for (long offset : index.candidates(job).sorted().toArray()) {
      try (FileInputStream in = LogFiles.openedOrNull(file)) {
        if (in == null) {
          return null;
        }
        var line = new LineReader(in, offset).read();
        DetectionLine found = line == null ? null : LogEntry.parse(line.text()).orElse(null);
        if (found != null && job.equals(found.job())) {
          return found;
        }
      }
    }
    return null;
  }
}
