package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.shvideo.capture.container.Container;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes pending clips that a crash, or a failure of the disk, left behind. Thread-safe, given
 * that no clip is handled by two threads at once.
 */
final class ClipRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(ClipRecovery.class);

  private static final String UNREADABLE = "unreadable";

  /** Headers have up to 6 KiB: up to this size a file has no packet. */
  private static final long MAX_HEADER_BYTES = 16 << 10;

  /** Longer than the time between two writes to a clip in progress. */
  private static final Duration GROWTH_TIME = Duration.ofSeconds(2);

  private static final Duration FOREIGN_TIME = Duration.ofMinutes(1);

  private final VideoFolder folder;
  private final Outbox outbox;
  private final ClipPublisher publisher;
  private final Clock clock;
  private volatile boolean needed = true;

  /** Recordings of another process, which records here although this one has the lock. */
  private final Map<String, Growth> foreign = new ConcurrentHashMap<>();

  /** When a recording was written to last, and the {@link System#nanoTime} when that was seen. */
  private record Growth(FileTime written, long nanos) {}

  interface Attempt {
    void run() throws IOException;
  }

  ClipRecovery(VideoFolder folder, Outbox outbox, ClipPublisher publisher, Clock clock) {
    this.folder = folder;
    this.outbox = outbox;
    this.publisher = publisher;
    this.clock = clock;
  }

  /** Tries to publish a clip. A failure is logged, and the clip left to {@link #recover}. */
  void attempt(String clip, Attempt attempt) {
    try {
      attempt.run();
    } catch (RuntimeException e) {
      needed = true; // one damaged file must not keep the others from being published
      LOG.error("Cannot publish clip {}. It stays in {}.", clip, folder.recording(), e);
    } catch (IOException e) {
      needed = true;
      LOG.error(
          Files.exists(folder.recording().resolve(clip))
              ? "Cannot publish clip {}: {}. It stays in {}, to be published after the next clip"
                  + " or at the next start."
              : "Cannot publish clip {}: {}. It is no longer in {}.",
          clip,
          ClipStore.reason(e),
          folder.recording());
    }
  }

  /**
   * Finds recordings that grow, and leaves them to the process that writes them. Takes some seconds
   * if some were written to just now.
   */
  void leaveGrowing() throws IOException {
    Map<String, FileTime> before = new HashMap<>();
    for (String name : recordings()) {
      FileTime written = Files.getLastModifiedTime(folder.recording().resolve(name));
      if (clock.millis() - written.toMillis() < GROWTH_TIME.toMillis()) {
        before.put(name, written);
      }
    }
    if (before.isEmpty()) {
      return;
    }
    try {
      Thread.sleep(GROWTH_TIME.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Map.Entry<String, FileTime> recording : before.entrySet()) {
      if (isForeign(recording.getKey(), new Growth(recording.getValue(), System.nanoTime()))) {
        LOG.error(
            "Another process is recording {} in {}. Left it alone; stop one of the two.",
            recording.getKey(),
            folder.recording());
      }
    }
  }

  /** Whether another process is recording it: it was written to within the last minute. */
  private boolean isForeign(String name, Growth last) throws IOException {
    try {
      FileTime written = Files.getLastModifiedTime(folder.recording().resolve(name));
      if (!written.equals(last.written())) {
        foreign.put(name, new Growth(written, System.nanoTime()));
        return true;
      }
    } catch (NoSuchFileException e) {
      LOG.debug("{} was published meanwhile", name);
    }
    if (System.nanoTime() - last.nanos() < FOREIGN_TIME.toNanos() && foreign.containsKey(name)) {
      return true;
    }
    foreign.remove(name);
    return false;
  }

  private List<String> recordings() throws IOException {
    return pending().filter(ClipName::hasExtension).sorted().toList();
  }

  /** All files of recordings, by their paths in the folder of recordings. */
  private Stream<String> pending() throws IOException {
    Path continuous = folder.recording().resolve(VideoFolder.CONTINUOUS);
    List<String> names = new ArrayList<>();
    for (Path parent : List.of(folder.recording(), continuous)) {
      if (Files.isDirectory(parent)) {
        try (Stream<Path> files = Files.list(parent)) {
          files.map(file -> folder.recording().relativize(file).toString()).forEach(names::add);
        }
      }
    }
    return names.stream();
  }

  /** Publishes what was left behind since the last call, except clips in progress. */
  void recover(Predicate<String> inProgress) throws IOException {
    if (!needed) {
      return;
    }
    needed = false;
    for (String name : outbox.clips()) {
      if (Files.exists(folder.recording().resolve(name)) && !inProgress.test(name)) {
        attempt(name, () -> resume(name));
      }
    }
    deleteTemporaryFiles();
    for (String name : recordings()) {
      Growth last = foreign.get(name);
      if (last != null && isForeign(name, last)) {
        needed = true;
      } else if (!outbox.has(name) && !inProgress.test(name)) {
        attempt(name, () -> salvage(name));
      }
    }
  }

  private void deleteTemporaryFiles() throws IOException {
    for (String name : pending().filter(file -> file.endsWith(Container.TEMPORARY)).toList()) {
      Files.deleteIfExists(folder.recording().resolve(name));
    }
  }

  /** Finishes the publication of a clip with an outbox entry. */
  private void resume(String name) throws IOException {
    Optional<Job> job = outbox.get(name);
    if (job.isPresent()) {
      outbox.put(name, job.get()); // the last attempt may have ended before the entry was on disk
      Job named = publisher.giveName(name, job.get());
      LOG.info("Finished the publication of clip {}, job {}", named.filename(), named.id());
    } else {
      outbox.setAside(name);
      salvage(name);
    }
  }

  /** Publishes what can be read of a clip, or sets the file aside. */
  void salvage(String name) throws IOException {
    Path file = folder.recording().resolve(name);
    long size = Files.size(file);
    if (size == 0) {
      Files.delete(file);
      return;
    }
    Path copy = folder.recording().resolve(name + Container.TEMPORARY);
    try {
      ClipRepair.Result readable = ClipRepair.copy(file, copy);
      if (readable.packets() > 0) {
        boolean complete = Container.ofFile(file).isComplete(file);
        if (!complete || !publisher.forced().contains(name)) {
          if (complete) {
            // An earlier attempt, also of another process, may have failed to force it to disk.
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
          }
          FileOperations.sync(copy);
          Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
        }
        OffsetDateTime recordedAt =
            Optional.ofNullable(readable.recordedAt()).or(() -> timeOf(name)).orElse(null);
        PendingClip clip = new PendingClip(name, file, readable.camera(), recordedAt);
        String how = complete ? "Published the unpublished" : "Salvaged the truncated";
        if (VideoFolder.isContinuous(name)) {
          String published = publisher.publishContinuous(clip);
          LOG.warn("{} clip {}, {} packets", how, published, readable.packets());
          return;
        }
        Job job = publisher.publish(clip, name);
        LOG.warn(
            "{} clip {}, {} packets, job {}", how, job.filename(), readable.packets(), job.id());
      } else if (size <= MAX_HEADER_BYTES) {
        Files.delete(file);
      } else {
        setAside(file, "it has no complete packet");
      }
    } catch (ClipRepair.UnreadableException e) {
      setAside(file, e.getMessage());
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private Optional<OffsetDateTime> timeOf(String name) {
    return ClipName.recordedAt(Path.of(name).getFileName().toString())
        .map(time -> time.atZone(clock.getZone()).toOffsetDateTime());
  }

  private void setAside(Path file, String reason) throws IOException {
    Path aside = folder.recording().resolve(UNREADABLE);
    FileOperations.createFolders(aside);
    String name = file.getFileName().toString();
    Path kept = aside.resolve(name);
    for (int number = 2; Files.exists(kept); number++) {
      kept = aside.resolve(ClipName.numbered(name, number));
    }
    Files.move(file, kept);
    FileOperations.sync(aside);
    LOG.warn("Cannot salvage clip {}: {}. Moved it to {}.", name, reason, kept);
  }
}
