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
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a log: the current one, {@code detections_log.jsonl}, and the segments that were
 * current before, {@code detections_log-20260223-144915.jsonl}, whose names sort in the order of
 * their lines. Segments are never written to.
 *
 * <p>The current file may be renamed at any moment. It is therefore recognised by its identity,
 * which a rename keeps, and which no two existing files share.
 */
final class LogFiles {
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withResolverStyle(ResolverStyle.STRICT);

  private final Path current;
  private final String prefix;
  private final String suffix;

  LogFiles(Path current) {
    this.current = current;
    String name = current.getFileName().toString();
    int dot = name.lastIndexOf('.');
    this.prefix = (dot < 0 ? name : name.substring(0, dot)) + "-";
    this.suffix = dot < 0 ? "" : name.substring(dot);
  }

  /**
   * All files of one moment.
   *
   * @param segments older than the current file, oldest first
   * @param newest the current file, open for reading, which may have become a segment since; null
   *     when there was none
   * @param identity of the newest file; null when there was none
   */
  record Snapshot(List<Path> segments, FileInputStream newest, Object identity) {}

  /** Takes a snapshot; the caller closes its open file. */
  Snapshot open() throws IOException {
    while (true) {
      Object identity = identity(current);
      FileInputStream newest = identity == null ? null : openOrNull(current);
      try {
        if (Objects.equals(identity, identity(current)) && (newest != null || identity == null)) {
          List<Path> older = olderThan(identity);
          if (older != null) {
            var snapshot = new Snapshot(older, newest, identity);
            newest = null;
            return snapshot;
          }
        }
      } finally {
        if (newest != null) {
          newest.close();
        }
      }
    }
  }

  /** Segments older than the file of that identity; null when it is unknown which are. */
  private List<Path> olderThan(Object identity) throws IOException {
    List<Path> segments = segments();
    if (Objects.equals(identity, identity(current))) {
      return segments;
    }
    // The current file was renamed since, or one was created. A new list holds the renamed one.
    segments = segments();
    for (int i = 0; identity != null && i < segments.size(); i++) {
      if (identity.equals(identity(segments.get(i)))) {
        return segments.subList(0, i);
      }
    }
    return null;
  }

  /** The segments, oldest first. */
  List<Path> segments() throws IOException {
    try (Stream<Path> names = Files.list(current.getParent())) {
      return names
          .filter(path -> timestamp(path).isPresent() && Files.isRegularFile(path))
          .sorted()
          .toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  /** The next segment's path, which sorts after all others even if the clock was set back. */
  Path next(LocalDateTime now) throws IOException {
    LocalDateTime timestamp = now;
    List<Path> segments = segments();
    if (!segments.isEmpty()) {
      Path last = segments.get(segments.size() - 1);
      LocalDateTime earliest = timestamp(last).orElseThrow().plusSeconds(1);
      timestamp = now.isAfter(earliest) ? now : earliest;
    }
    return current.resolveSibling(prefix + TIMESTAMP.format(timestamp) + suffix);
  }

  private Optional<LocalDateTime> timestamp(Path path) {
    String name = path.getFileName().toString();
    if (!name.startsWith(prefix)
        || !name.endsWith(suffix)
        || name.length() < prefix.length() + suffix.length()) {
      return Optional.empty();
    }
    try {
      String text = name.substring(prefix.length(), name.length() - suffix.length());
      return Optional.of(LocalDateTime.parse(text, TIMESTAMP));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** What distinguishes a file from all others whatever its name; null if it does not exist. */
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
   * The open file; null if it does not exist. Not a channel's stream, which an interrupt would
   * close.
   */
  static FileInputStream openOrNull(Path file) throws IOException {
    Object identity = identity(file);
    if (identity == null) {
      return null;
    }
    try {
      return new FileInputStream(file.toFile());
    } catch (FileNotFoundException e) {
      if (identity.equals(identity(file))) {
        throw e; // exists, but cannot be read
      }
      return null;
    }
  }
}
