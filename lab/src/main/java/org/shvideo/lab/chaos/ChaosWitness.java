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
 * Looks at the video folder ten times a second during a chaos run and remembers what it saw, so
 * that afterwards it can be told what is missing. Its looking is a thread of its own; thread-safe.
 */
final class ChaosWitness {
  private static final Duration LOOKS_EVERY = Duration.ofMillis(100);
  private static final Duration LOOKS_AT_FILES_EVERY = Duration.ofMillis(10);
  private static final Duration REMEMBERED = Duration.ofSeconds(10);

  /** A file that has no picture in it yet is smaller: capture removes it after a crash. */
  private static final long HEADER_ALONE = 16 << 10;

  /** A recording grows once a second, when it is handed to the system. */
  private static final Duration GROWS_WITHIN = Duration.ofMillis(1500);

  /** How long after a fault of its own a camera may still be out of step. */
  private static final Duration DISTURBED_FOR = Duration.ofSeconds(5);

  /** What a recording is like that was in progress when capture was killed. */
  record CutOff(String recording, Instant killed) {}

  private record Sighting(long nanos, Map<Path, Long> sizes) {}

  private record Growth(long size, long nanos) {}

  private final VideoFolder folder;
  private final Thread thread = new Thread(this::run, "witness");
  private final Map<String, Growth> recordings = new TreeMap<>();
  private final NavigableSet<String> clips = new TreeSet<>();
  private final List<CutOff> cutOff = new ArrayList<>();
  private final Deque<Sighting> appended = new ArrayDeque<>();
  private final Map<String, Long> disturbed = new HashMap<>();
  private boolean stopped;

  ChaosWitness(VideoFolder folder) {
    this.folder = folder;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void stop() {
    synchronized (this) {
      stopped = true;
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
      while (!stopped) {
        look();
        wait(LOOKS_EVERY.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    long now = System.nanoTime();
    sizes(folder.recording())
        .forEach(
            (file, size) -> {
              String name = file.getFileName().toString();
              Growth last = recordings.get(name);
              if (name.endsWith(ClipName.EXTENSION) && (last == null || last.size() < size)) {
                recordings.put(name, new Growth(size, now));
              }
            });
    sizes(folder.root()).keySet().stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> name.endsWith(ClipName.EXTENSION))
        .forEach(clips::add);
    appended.addLast(new Sighting(now, sizes(EmbeddedRedis.appendOnlyFolder(folder))));
    while (now - appended.getFirst().nanos() > REMEMBERED.toNanos()) {
      appended.removeFirst();
    }
  }

  private static Map<Path, Long> sizes(Path folder) {
    Map<Path, Long> sizes = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try {
          sizes.put(file, Files.size(file));
        } catch (NoSuchFileException e) {
          // went on to its next place meanwhile
        }
      }
    } catch (NoSuchFileException e) {
      // not made yet
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look into " + folder, e);
    }
    return sizes;
  }

  /** For some seconds from now on that camera's recordings may lack what it did not send. */
  synchronized void disturbed(String camera) {
    disturbed.put(camera, System.nanoTime());
  }

  /** Notes which recordings are being written, to be told from {@link #cutOff} later. */
  synchronized void captureIsKilled(Instant when) {
    look();
    long now = System.nanoTime();
    recordings.forEach(
        (name, growth) -> {
          if (now - growth.nanos() < GROWS_WITHIN.toNanos()
              && growth.size() > HEADER_ALONE
              && Files.exists(folder.recording().resolve(name))
              && disturbed.entrySet().stream()
                  .filter(camera -> name.contains("-" + camera.getKey()))
                  .allMatch(camera -> now - camera.getValue() > DISTURBED_FOR.toNanos())) {
            cutOff.add(new CutOff(name, when));
          }
        });
  }

  /** The recordings that were cut off while they grew. */
  synchronized List<CutOff> cutOff() {
    return List.copyOf(cutOff);
  }

  /** All clips ever seen, and all recordings that had a picture in them. */
  synchronized NavigableSet<String> seen() {
    NavigableSet<String> seen = new TreeSet<>(clips);
    recordings.forEach(
        (name, growth) -> {
          if (growth.size() > HEADER_ALONE) {
            seen.add(name);
          }
        });
    return seen;
  }

  /** Returns as soon as Redis has appended something to its files, or when the time is over. */
  synchronized void awaitAppended(Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    look();
    Map<Path, Long> before = appended.getLast().sizes();
    while (appended.getLast().sizes().equals(before) && System.nanoTime() < deadline) {
      wait(LOOKS_AT_FILES_EVERY.toMillis());
      look();
    }
  }

  /** How long the files of Redis' log were so long ago. */
  synchronized Map<Path, Long> appendedBefore(Duration ago) {
    long then = System.nanoTime() - ago.toNanos();
    Map<Path, Long> sizes = Map.of();
    for (Sighting sighting : appended) {
      if (sighting.nanos() <= then) {
        sizes = sighting.sizes();
      }
    }
    return sizes;
  }
}
