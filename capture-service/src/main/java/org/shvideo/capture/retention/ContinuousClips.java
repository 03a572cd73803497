package org.shvideo.capture.retention;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;

/**
 * The clips of continuous recording, of all cameras, oldest first. A clip is as old as its name
 * says. Not thread-safe.
 */
final class ContinuousClips {
  private final VideoFolder folder;

  /** Their sizes, by their names, which sort by time. */
  private final TreeMap<String, Long> clips = new TreeMap<>();

  private long bytes;

  ContinuousClips(VideoFolder folder) {
    this.folder = folder;
  }

  /** Looks for what is in the folder now. */
  void list() throws IOException {
    clips.clear();
    bytes = 0;
    if (Files.isDirectory(folder.continuous(), LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> files = Files.list(folder.continuous())) {
        files
            .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
            .forEach(this::add);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }

  /** Adds a clip that was just published. */
  void add(Path file) {
    String name = file.getFileName().toString();
    if (ClipName.isClip(name)) {
      long size = file.toFile().length();
      Long before = clips.put(name, size);
      bytes += size - (before == null ? 0 : before);
    }
  }

  /** As {@link StoredClips#newest()}. */
  Optional<LocalDateTime> newest() {
    return StoredClips.newest(clips.descendingKeySet());
  }

  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return clips.isEmpty();
  }

  /** Whether the oldest clip was recorded before a local time, as far as its name says. */
  boolean isOldestBefore(LocalDateTime time) {
    return !clips.isEmpty() && ClipName.recordedAt(clips.firstKey()).orElse(time).isBefore(time);
  }

  /** Deletes the oldest clip. Returns its size. */
  long deleteOldest() throws IOException {
    Map.Entry<String, Long> oldest = clips.firstEntry();
    Files.deleteIfExists(folder.continuous().resolve(oldest.getKey()));
    clips.remove(oldest.getKey());
    bytes -= oldest.getValue();
    return oldest.getValue();
  }

  /** Forces deletions to disk. */
  void sync() throws IOException {
    FileOperations.sync(folder.continuous());
  }
}
