package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that Redis does not have yet, each in a small JSON file, {@code <clip>.json}, named
 * after the pending clip, whose name begins with its time, so that they sort by age. An entry
 * survives a power failure once {@link #put} has returned. Thread-safe.
 */
public final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private static final String EXTENSION = ".json";
  private static final String BAD_EXTENSION = ".bad";

  private final Path folder;
  private final Semaphore wakeUps = new Semaphore(0);

  Outbox(Path folder) {
    this.folder = folder;
  }

  /** Deletes entries that a crash left incomplete. */
  void deleteTemporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(f -> f.toString().endsWith(FileOperations.TEMPORARY_EXTENSION)).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Writes the entry of a clip, replacing an earlier one. */
  public void put(String clip, Job job) throws IOException {
    FileOperations.replace(entry(clip), Json.write(job));
  }

  boolean has(String clip) {
    return Files.exists(entry(clip));
  }

  /** The names of the clips with an entry, oldest first. */
  public List<String> clips() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(EXTENSION))
          .map(name -> name.substring(0, name.length() - EXTENSION.length()))
          .sorted()
          .toList();
    }
  }

  /** Reads an entry; empty if it is not a job. */
  public Optional<Job> get(String clip) throws IOException {
    String entry = new String(Files.readAllBytes(entry(clip)), StandardCharsets.UTF_8);
    try {
      return Optional.ofNullable(Json.read(entry, Job.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Removes an entry, which may reappear after a power failure until {@link #sync}. */
  public void remove(String clip) throws IOException {
    Files.deleteIfExists(entry(clip));
  }

  /** Renames an unreadable entry, so that it is not tried again. */
  void setAside(String clip) throws IOException {
    Path aside = folder.resolve(clip + EXTENSION + BAD_EXTENSION);
    Files.move(entry(clip), aside, StandardCopyOption.REPLACE_EXISTING);
    LOG.error("Unreadable outbox entry. Moved it to {}.", aside);
  }

  void sync() throws IOException {
    FileOperations.sync(folder);
  }

  /** Ends {@link #await}. */
  void wake() {
    wakeUps.release();
  }

  /** Waits until {@link #wake} is called or has been called since the last wait. */
  void await(Duration timeout) throws InterruptedException {
    if (wakeUps.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      wakeUps.drainPermits();
    }
  }

  private Path entry(String clip) {
    return folder.resolve(clip + EXTENSION);
  }
}
