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

/**
 * Reads a log again and again, each time only what was appended since, also across rotations. Not
 * thread-safe.
 */
public final class LogFollower {
  private final Path current;
  private final LogFiles files;
  private Object identity;
  private long offset;

  LogFollower(Path current, LogFiles files) {
    this.current = current;
    this.files = files;
  }

  /**
   * Hands over the readable lines that were appended since the last time, or all at first. A last
   * line without its break is left to the next time.
   *
   * @param anew called when the file was deleted, replaced or cut, so that what was read may not
   *     stand there any more; all lines follow
   * @throws UncheckedIOException when the log cannot be read; what was not handed over comes again
   */
  public void read(Consumer<DetectionLine> each, Runnable anew) {
    try {
      if (!readOn(each)) {
        readAll(each, anew);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the detection log " + current + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The usual case; false when the file is not the one that it was. */
  private boolean readOn(Consumer<DetectionLine> each) throws IOException {
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
    try (FileInputStream in = LogFiles.openedOrNull(current)) {
      if (in == null || !identity.equals(LogFiles.identity(current))) {
        return false;
      }
      offset = read(in, offset, false, each);
      return true;
    }
  }

  private void readAll(Consumer<DetectionLine> each, Runnable anew) throws IOException {
    LogFiles.Opened opened = files.open();
    try (FileInputStream newest = opened.newest()) {
      List<Path> unread = opened.segments();
      if (identity != null) {
        int segment = 0;
        while (segment < unread.size()
            && !identity.equals(LogFiles.identity(unread.get(segment)))) {
          segment++;
        }
        if (segment < unread.size()) {
          unread = unread.subList(segment, unread.size());
        } else {
          anew.run();
          identity = null;
        }
      }
      for (Path segment : unread) {
        readSegment(segment, each);
      }
      if (newest != null) {
        offset = read(newest, 0, false, each);
        identity = opened.identity();
      }
    }
  }

  private void readSegment(Path segment, Consumer<DetectionLine> each) throws IOException {
    Object segments = LogFiles.identity(segment);
    try (FileInputStream in = LogFiles.openedOrNull(segment)) {
      if (in != null) {
        offset = read(in, segments.equals(identity) ? offset : 0, true, each);
        identity = segments;
      }
    }
  }

  /** Returns where the last line ends that was read. */
  private static long read(
      FileInputStream in, long from, boolean unfinished, Consumer<DetectionLine> each)
      throws IOException {
    long end = from;
    var lines = new LineReader(in, from);
    for (var line = lines.read();
        line != null && (line.whole() || unfinished);
        line = lines.read()) {
      LogEntry.parse(line.text()).ifPresent(each);
      end = line.end();
    }
    return end;
  }
}
