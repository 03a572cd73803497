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
 * The jobs that the queue does not have yet, each a small JSON file {@code <recording>.json}: named
 * after the recording, whose name begins with its time, so that they sort by age. What {@link #put}
 * returned from survives a power cut. Thread-safe.
 */
public final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private static final String ENDING = ".json";
  private static final String ASIDE = ".bad";
  private static final String TEMPORARY = ".tmp";

  private final Path folder;
  private final Semaphore news = new Semaphore(0);

  Outbox(Path folder) {
    this.folder = folder;
  }

  /** Removes what a crash left half written. */
  void clean() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(TEMPORARY)).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Writes the job's entry, over an earlier one of the same recording. */
  public void put(String recording, Job job) throws IOException {
    Path entry = entry(recording);
    Path temporary = folder.resolve(recording + TEMPORARY);
    Files.writeString(temporary, Json.write(job));
    FileOperations.sync(temporary);
    Files.move(temporary, entry, StandardCopyOption.ATOMIC_MOVE);
    FileOperations.sync(folder);
  }

  boolean has(String recording) {
    return Files.exists(entry(recording));
  }

  /** The recordings that have an entry, oldest first. */
  public List<String> recordings() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ENDING))
          .map(name -> name.substring(0, name.length() - ENDING.length()))
          .sorted()
          .toList();
    }
  }

  /** Reads an entry; empty when it holds no job. */
  public Optional<Job> get(String recording) throws IOException {
    String entry = new String(Files.readAllBytes(entry(recording)), StandardCharsets.UTF_8);
    try {
      return Optional.ofNullable(Json.read(entry, Job.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Removes an entry; not for good before {@link #sync}, so that it may come back. */
  public void remove(String recording) throws IOException {
    Files.deleteIfExists(entry(recording));
  }

  /** Keeps an entry that holds no job for a person to look at, and from being tried again. */
  void setAside(String recording) throws IOException {
    Path aside = folder.resolve(recording + ENDING + ASIDE);
    Files.move(entry(recording), aside, StandardCopyOption.REPLACE_EXISTING);
    LOG.error("An outbox entry holds no job and was set aside: {}", aside);
  }

  void sync() throws IOException {
    FileOperations.sync(folder);
  }

  /** Wakes who waits in {@link #await}. */
  void announce() {
    news.release();
  }

  /** Waits until something was announced since the last call. */
  void await(Duration most) throws InterruptedException {
    if (news.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS)) {
      news.drainPermits();
    }
  }

  private Path entry(String recording) {
    return folder.resolve(recording + ENDING);
  }
}
