package org.shvideo.tasks.log;

import com.fasterxml.jackson.databind.ObjectReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
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
 * @param <T> what is read of the line
 * @param line empty when malformed: cut off by a power failure, or written by something else
 */
public record LogEntry<T>(Path file, long number, Optional<T> line) {

  private static final ObjectReader READER = Json.reader(DetectionLine.class);

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
  static <T> Stream<LogEntry<T>> stream(
      Path file,
      FileInputStream open,
      Predicate<byte[]> wanted,
      Function<byte[], Optional<T>> parser)
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
        .map(line -> new LogEntry<>(file, line.number(), parser.apply(line.content())))
        .onClose(
            () -> {
              try {
                open.close();
              } catch (IOException e) {
                throw DetectionLog.unreadable(file, e);
              }
            });
  }

  static Optional<DetectionLine> parse(byte[] text) {
    try {
      return Optional.ofNullable(READER.<DetectionLine>readValue(text))
          .filter(line -> line.filename() != null);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
