package org.shvideo.tasks.log;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.function.Consumer;
import org.shvideo.tasks.log.LineReader.Line;

/**
 * Reads a log repeatedly, each time only what was appended since, also across rotations. Not
 * thread-safe.
 */
public final class LogFollower {
  private final Path current;
  private final LogFiles files;

  /** Of the file that was read last: usually the current one, or the latest segment. */
  private Object identity;

  private long offset;

  LogFollower(Path current, LogFiles files) {
    this.current = current;
    this.files = files;
  }

  /**
   * Passes on the well-formed lines that were appended since the last call, or all at the first
   * call. A last line that has no line break yet is left for the next call.
   *
   * @param restart called when the log was deleted, replaced or truncated, so that lines passed on
   *     earlier may no longer be in it; all lines follow
   * @throws UncheckedIOException when the log cannot be read; the next call repeats the lines of
   *     the file that failed
   */
  public void read(Consumer<DetectionLine> action, Runnable restart) {
    try {
      readAppended(line -> LogEntry.parse(line.content()).ifPresent(action), restart);
    } catch (IOException e) {
      throw DetectionLog.unreadable(current, e);
    }
  }

  /** Continues at the present end, without reading what comes before. */
  void skip() throws IOException {
    Path newest = current;
    if (!Files.exists(current)) {
      List<Path> segments = files.segments();
      if (segments.isEmpty()) {
        return;
      }
      newest = segments.get(segments.size() - 1);
    }
    identity = LogFiles.identity(newest);
    offset = Files.size(newest);
  }

  /** As {@link #read}, without parsing the lines: malformed ones come too. */
  void readAppended(Consumer<Line> action, Runnable restart) throws IOException {
    if (!readSameFile(action)) {
      readAllFiles(action, restart);
    }
  }

  /** Whether the current file, as it was read last, ends with a line that has no line break. */
  boolean endsWithIncompleteLine(long size) {
    return size > offset;
  }

  /** The usual case. Returns false when the current file is not the one that was read last. */
  private boolean readSameFile(Consumer<Line> action) throws IOException {
    BasicFileAttributes now;
    try {
      now = Files.readAttributes(current, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return false;
    }
    if (!LogFiles.identity(now).equals(identity) || now.size() < offset) {
      return false;
    }
    if (now.size() == offset) {
      return true;
    }
    try (FileInputStream in = LogFiles.openOrNull(current)) {
      if (in == null || !identity.equals(LogFiles.identity(current))) {
        return false;
      }
      offset = read(in, offset, false, action);
      return true;
    }
  }

  private void readAllFiles(Consumer<Line> action, Runnable restart) throws IOException {
    LogFiles.Snapshot snapshot = files.open();
    try (FileInputStream newest = snapshot.newest()) {
      List<Path> unread = snapshot.segments();
      if (identity != null) {
        int segment = 0;
        while (segment < unread.size()
            && !identity.equals(LogFiles.identity(unread.get(segment)))) {
          segment++;
        }
        if (segment < unread.size()) {
          unread = unread.subList(segment, unread.size());
        } else {
          restart.run();
          identity = null;
        }
      }
      for (Path segment : unread) {
        readSegment(segment, action);
      }
      if (newest != null) {
        offset = read(newest, 0, false, action);
        identity = snapshot.identity();
      }
    }
  }

  private void readSegment(Path segment, Consumer<Line> action) throws IOException {
    Object segmentIdentity = LogFiles.identity(segment);
    try (FileInputStream in = LogFiles.openOrNull(segment)) {
      if (in != null) {
        offset = read(in, segmentIdentity.equals(identity) ? offset : 0, true, action);
        identity = segmentIdentity;
      }
    }
  }

  /** Returns the offset after the last line read. */
  private static long read(
      FileInputStream in, long start, boolean includeIncomplete, Consumer<Line> action)
      throws IOException {
    long end = start;
    var lines = new LineReader(in, start);
    for (var line = lines.read();
        line != null && (line.complete() || includeIncomplete);
        line = lines.read()) {
      action.accept(line);
      end = line.end();
    }
    return end;
  }
}
