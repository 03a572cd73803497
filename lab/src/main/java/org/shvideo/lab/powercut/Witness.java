package org.shvideo.lab.powercut;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** What was said to be safe, and when. Thread-safe. */
final class Witness {
  /** Published clips by job id, and the jobs whose line was written. */
  private final Map<String, Seen> clips = new ConcurrentHashMap<>();

  private final Map<String, Seen> lines = new ConcurrentHashMap<>();
  private final LongSupplier clock;

  record Seen(String clip, String job, long moment) {}

  /**
   * @param clock gives moments
   */
  Witness(LongSupplier clock) {
    this.clock = clock;
  }

  void published(String clip, String job) {
    clips.put(job, new Seen(clip, job, clock.getAsLong()));
  }

  void written(String clip, String job) {
    lines.putIfAbsent(job, new Seen(clip, job, clock.getAsLong()));
  }

  /** The clips that were published by a moment. */
  List<Seen> clips(long moment) {
    return clips.values().stream().filter(seen -> seen.moment() <= moment).toList();
  }

  /** The lines that were written by a moment. */
  List<Seen> lines(long moment) {
    return lines.values().stream().filter(seen -> seen.moment() <= moment).toList();
  }

  /** All moments at which something became safe, in order. */
  List<Long> moments() {
    List<Long> all = new ArrayList<>();
    Stream.concat(clips.values().stream(), lines.values().stream())
        .forEach(seen -> all.add(seen.moment()));
    all.sort(null);
    return all;
  }
}
