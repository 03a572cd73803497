package org.shvideo.tasks.log;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.LineReader.Line;

/**
 * A line of the log's files that is not blank.
 *
 * @param file the file that holds it, which may have been renamed since
 * @param number of the line in that file, from 1
 * @param line empty when malformed: cut off by a power failure, or written by something else
 */
public record LogEntry(Path file, long number, Optional<DetectionLine> line) {

  /** For messages: {@code detections_log.jsonl line 2}. */
  public String place() {
    return file.getFileName() + " line " + number;
  }

  /**
   * The entries of one file. Close the stream.
   *
   * @param open the file, owned by the stream; null for no entries, as when it was deleted
   * @param wanted selects lines by their bytes, before they are parsed
   */
  static Stream<LogEntry> stream(Path file, FileInputStream open, Predicate<byte[]> wanted)
      throws IOException {
    if (open == null) {
      return Stream.empty();
    }
    var lines = new LineReader(open, 0);
    Supplier<Line> read =
        () -> {
          try {
            return lines.read();
          } catch (IOException e) {
            throw DetectionLog.unreadable(file, e);
          }
        };
    return Stream.iterate(read.get(), Objects::nonNull, previous -> read.get())
        .filter(line -> wanted.test(line.content()))
        .map(line -> new LogEntry(file, line.number(), parse(line.text())))
        .onClose(
            () -> {
              try {
                open.close();
              } catch (IOException e) {
                throw DetectionLog.unreadable(file, e);
              }
            });
  }

  static Optional<DetectionLine> parse(String text) {
    try {
      return Optional.ofNullable(Json.read(text, DetectionLine.class))
          .filter(line -> line.filename() != null);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
