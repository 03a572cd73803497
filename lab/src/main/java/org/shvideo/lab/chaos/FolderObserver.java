package org.shvideo.lab.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;

/**
 * Records ten times a second which files are in the video folder during a chaos run, to find out
 * later what is missing. Runs a thread of its own until closed. Thread-safe.
 */
final class FolderObserver implements AutoCloseable {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
  private static final Duration WRITE_POLL_INTERVAL = Duration.ofMillis(10);
  private static final Duration HISTORY_LENGTH = Duration.ofSeconds(10);

  /** A recording without a frame is smaller; capture deletes it after a crash. */
  private static final long MAX_HEADER_BYTES = 16 << 10;

  /** Capture writes to each recording every second. */
  private static final Duration MAX_WRITE_INTERVAL = Duration.ofMillis(1500);

  /** How long a fault may affect a camera after its end. */
  private static final Duration FAULT_EFFECT = Duration.ofSeconds(5);

  /** A recording that was in progress when capture was killed. */
  record Interrupted(String recording, Instant killed) {}

  private record Sample(long nanos, Map<Path, Long> sizes) {}

  private record Growth(long size, long nanos) {}

  private final VideoFolder folder;
  private final Thread thread = new Thread(this::run, "folder observer");
  private final Map<String, Growth> recordings = new TreeMap<>();
  private final NavigableSet<String> clips = new TreeSet<>();
  private final List<Interrupted> interrupted = new ArrayList<>();
  private final Deque<Sample> redisFiles = new ArrayDeque<>();
  private final Map<String, Long> disturbed = new HashMap<>();
  private boolean closed;

  FolderObserver(VideoFolder folder) {
    this.folder = folder;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void run() {
    try {
      while (!closed) {
        sample();
        wait(POLL_INTERVAL.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sample() {
    long now = System.nanoTime();
    sizes(folder.recording())
        .forEach(
            (file, size) -> {
              String name = file.getFileName().toString();
              Growth last = recordings.get(name);
              if (ClipName.hasExtension(name) && (last == null || last.size() < size)) {
                recordings.put(name, new Growth(size, now));
              }
            });
    sizes(folder.root()).keySet().stream()
        .map(file -> file.getFileName().toString())
        .filter(ClipName::hasExtension)
        .forEach(clips::add);
    redisFiles.addLast(new Sample(now, sizes(EmbeddedRedis.appendOnlyFolder(folder))));
    while (now - redisFiles.getFirst().nanos() > HISTORY_LENGTH.toNanos()) {
      redisFiles.removeFirst();
    }
  }

  private static Map<Path, Long> sizes(Path folder) {
    Map<Path, Long> sizes = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try {
          sizes.put(file, Files.size(file));
        } catch (NoSuchFileException e) {
          // moved or deleted meanwhile
        }
      }
    } catch (NoSuchFileException e) {
      // not created yet
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + folder, e);
    }
    return sizes;
  }

  /** Expects that recordings of this camera lack frames for some seconds. */
  synchronized void disturbed(String camera) {
    disturbed.put(camera, System.nanoTime());
  }

  /** Records which recordings are in progress, for {@link #interrupted}. */
  synchronized void beforeCaptureIsKilled(Instant when) {
    sample();
    long now = System.nanoTime();
    recordings.forEach(
        (name, growth) -> {
          if (now - growth.nanos() < MAX_WRITE_INTERVAL.toNanos()
              && growth.size() > MAX_HEADER_BYTES
              && Files.exists(folder.recording().resolve(name))
              && disturbed.entrySet().stream()
                  .filter(camera -> name.contains("-" + camera.getKey()))
                  .allMatch(camera -> now - camera.getValue() > FAULT_EFFECT.toNanos())) {
            interrupted.add(new Interrupted(name, when));
          }
        });
  }

  /** The recordings that were interrupted in progress, and not disturbed before. */
  synchronized List<Interrupted> interrupted() {
    return List.copyOf(interrupted);
  }

  /** All clips, and all recordings with a frame, that were ever in the folder. */
  synchronized NavigableSet<String> clips() {
    NavigableSet<String> all = new TreeSet<>(clips);
    recordings.forEach(
        (name, growth) -> {
          if (growth.size() > MAX_HEADER_BYTES) {
            all.add(name);
          }
        });
    return all;
  }

  /** Waits until Redis writes to its files, or until the timeout. */
  synchronized void awaitRedisWrite(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    sample();
    Map<Path, Long> before = redisFiles.getLast().sizes();
    while (redisFiles.getLast().sizes().equals(before) && System.nanoTime() < deadline) {
      wait(WRITE_POLL_INTERVAL.toMillis());
      sample();
    }
  }

  /** The sizes that the files of Redis had some time ago. */
  synchronized Map<Path, Long> redisFileSizes(Duration ago) {
    long then = System.nanoTime() - ago.toNanos();
    Map<Path, Long> sizes = Map.of();
    for (Sample sample : redisFiles) {
      if (sample.nanos() <= then) {
        sizes = sample.sizes();
      }
    }
    return sizes;
  }
}
