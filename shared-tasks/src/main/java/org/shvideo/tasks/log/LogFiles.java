package org.shvideo.tasks.log;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a log: the current one, {@code detections_log.jsonl}, and the segments that it once
 * was, {@code detections_log-20260223-144915.jsonl}, whose names are in the order of their lines.
 * Segments are never written to.
 *
 * <p>The current file is renamed at any moment. So it is recognised by its identity, which stays
 * when its name does not, and is never the same for two files that are there.
 */
final class LogFiles {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withResolverStyle(ResolverStyle.STRICT);
  private static final int STAMP_LENGTH = 15;

  private final Path current;
  private final String beforeStamp;
  private final String afterStamp;

  LogFiles(Path current) {
    this.current = current;
    String name = current.getFileName().toString();
    int dot = name.lastIndexOf('.');
    this.beforeStamp = (dot < 0 ? name : name.substring(0, dot)) + "-";
    this.afterStamp = dot < 0 ? "" : name.substring(dot);
  }

  /**
   * All files at one moment, open for reading.
   *
   * @param segments older than the current file, oldest first
   * @param newest the current file, which may have become a segment meanwhile; null when there was
   *     none
   * @param identity the newest one's; null when there is none
   */
  record Opened(List<Path> segments, FileInputStream newest, Object identity) {}

  /** Opens what is there; the caller closes it. */
  Opened open() throws IOException {
    while (true) {
      Object identity = identity(current);
      FileInputStream newest = identity == null ? null : openedOrNull(current);
      try {
        if (Objects.equals(identity, identity(current)) && (newest != null || identity == null)) {
          List<Path> segments = olderThan(identity);
          if (segments != null) {
            FileInputStream opened = newest;
            newest = null;
            return new Opened(segments, opened, identity);
          }
        }
      } finally {
        if (newest != null) {
          newest.close();
        }
      }
    }
  }

  /** Segments older than the file of that identity; null when that cannot be said. */
  private List<Path> olderThan(Object identity) throws IOException {
    List<Path> segments = segments();
    if (Objects.equals(identity, identity(current))) {
      return segments;
    }
    if (identity == null) {
      return null;
    }
    // It was renamed meanwhile. A list that is made now holds it, and all that are older.
    List<Path> older = new ArrayList<>();
    for (Path segment : segments()) {
      if (identity.equals(identity(segment))) {
        return older;
      }
      older.add(segment);
    }
    return null;
  }

  /** The segments, oldest first. */
  List<Path> segments() throws IOException {
    try (Stream<Path> names = Files.list(current.getParent())) {
      return names
          .filter(path -> stamp(path).isPresent() && Files.isRegularFile(path))
          .sorted()
          .toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  /** The segment that the current file is to become: after all others, whatever the clock says. */
  Path next(LocalDateTime now) throws IOException {
    List<Path> segments = segments();
    LocalDateTime stamp = now;
    if (!segments.isEmpty()) {
      LocalDateTime last = stamp(segments.get(segments.size() - 1)).orElseThrow();
      stamp = now.isAfter(last.plusSeconds(1)) ? now : last.plusSeconds(1);
    }
    return current.resolveSibling(beforeStamp + STAMP.format(stamp) + afterStamp);
  }

  private Optional<LocalDateTime> stamp(Path path) {
    String name = path.getFileName().toString();
    if (name.length() != beforeStamp.length() + STAMP_LENGTH + afterStamp.length()
        || !name.startsWith(beforeStamp)
        || !name.endsWith(afterStamp)) {
      return Optional.empty();
    }
    try {
      int end = beforeStamp.length() + STAMP_LENGTH;
      return Optional.of(LocalDateTime.parse(name.substring(beforeStamp.length(), end), STAMP));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** What tells a file from all others whatever its name; null when there is none of that name. */
  static Object identity(Path file) throws IOException {
    try {
      return identity(Files.readAttributes(file, BasicFileAttributes.class));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  static Object identity(BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    return key == null ? attributes.creationTime() : key; // systems without keys
  }

  /**
   * The file, open; null when there is none of that name. Not a channel's stream, which an
   * interrupt would close.
   */
  static FileInputStream openedOrNull(Path file) throws IOException {
    Object before = identity(file);
    if (before == null) {
      return null;
    }
    try {
      return new FileInputStream(file.toFile());
    } catch (FileNotFoundException e) {
      if (before.equals(identity(file))) {
        throw e; // it may not be read
      }
      return null;
    }
  }
}
