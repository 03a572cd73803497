package org.shvideo.tasks.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.shvideo.tasks.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes over the lines of the log that can be read, counts the others and says so once. */
final class ReadableLines extends Spliterators.AbstractSpliterator<DetectionLine> {
  private static final Logger LOG = LoggerFactory.getLogger(ReadableLines.class);

  private final Path file;
  private final LineReader lines;
  private long number;
  private long skipped;
  private long firstSkipped;

  private ReadableLines(Path file) throws IOException {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
    this.file = file;
    this.lines = new LineReader(file, 0);
  }

  /** The stream owns the open file until it is closed. */
  static Stream<DetectionLine> stream(Path file) throws IOException {
    var lines = new ReadableLines(file);
    return StreamSupport.stream(lines, false).onClose(lines::close);
  }

  /** Null when it is not a line of the log. */
  static DetectionLine parse(String text) {
    try {
      DetectionLine line = Json.read(text, DetectionLine.class);
      return line == null || line.filename() == null ? null : line;
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public boolean tryAdvance(Consumer<? super DetectionLine> action) {
    try {
      for (var line = lines.read(); line != null; line = lines.read()) {
        number++;
        DetectionLine readable = parse(line.text());
        if (readable != null) {
          action.accept(readable);
          return true;
        }
        if (!line.text().isBlank()) {
          skipped++;
          firstSkipped = skipped == 1 ? number : firstSkipped;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("the detection log " + file + " cannot be read", e);
    }
  }

  private void close() {
    if (skipped > 0) {
      LOG.warn(
          "{}: skipped what is no line of the log: {}, the first is line {}",
          file,
          skipped,
          firstSkipped);
    }
    try {
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the detection log " + file + " cannot be closed", e);
    }
  }
}
