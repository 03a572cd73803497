package org.shvideo.tasks.log;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Goes over all files of the log, oldest first, and over their lines that are not blank. */
final class LogEntries extends Spliterators.AbstractSpliterator<LogEntry> {
  private final Path current;
  private final Queue<Path> segments;
  private FileInputStream newest;
  private Path file;
  private FileInputStream open;
  private LineReader lines;
  private long number;

  private LogEntries(Path current, LogFiles.Opened opened) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
    this.current = current;
    this.segments = new ArrayDeque<>(opened.segments());
    this.newest = opened.newest();
  }

  /** The stream owns the open files until it is closed. */
  static Stream<LogEntry> stream(Path current, LogFiles.Opened opened) {
    var entries = new LogEntries(current, opened);
    return StreamSupport.stream(entries, false).onClose(entries::close);
  }

  @Override
  public boolean tryAdvance(Consumer<? super LogEntry> action) {
    try {
      while (open != null || openNext()) {
        for (var line = lines.read(); line != null; line = lines.read()) {
          number++;
          if (!line.text().isBlank()) {
            action.accept(new LogEntry(file, number, LogEntry.parse(line.text())));
            return true;
          }
        }
        open.close();
        open = null;
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("the detection log " + file + " cannot be read", e);
    }
  }

  /** False when there are no more. A segment that was deleted meanwhile is passed over. */
  private boolean openNext() throws IOException {
    while (open == null && !segments.isEmpty()) {
      file = segments.remove();
      open = LogFiles.openedOrNull(file);
    }
    if (open == null) {
      file = current;
      open = newest;
      newest = null;
    }
    if (open == null) {
      return false;
    }
    lines = new LineReader(open, 0);
    number = 0;
    return true;
  }

  private void close() {
    try {
      if (open != null) {
        open.close();
      }
      if (newest != null) {
        newest.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the detection log " + current + " cannot be closed", e);
    }
  }
}
