package org.shvideo.lab.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.stream.Stream;
import org.shvideo.cli.pipeline.ClipAudit;
import org.shvideo.lab.chaos.ChaosWitness.CutOff;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;

/**
 * Whether the promise was kept in a chaos run that has settled.
 *
 * @param ledger the clips, accounted for
 * @param points of the promise, each kept or broken
 */
record ChaosVerdict(ClipAudit ledger, List<Point> points) {
  /** What the kill of a busy machine may add to the one second that is promised. */
  private static final Duration MOST_LOST = Duration.ofSeconds(2);

  private static final int MOST_SHOWN = 10;

  /**
   * One point of the promise.
   *
   * @param seen how much was looked at, and what was measured
   * @param broken what speaks against it; empty when it was kept
   */
  record Point(String promise, String seen, List<String> broken) {
    boolean kept() {
      return broken.isEmpty();
    }

    /** What speaks against it, shortened. */
    List<String> shown() {
      if (broken.size() <= MOST_SHOWN) {
        return broken;
      }
      List<String> shown = new ArrayList<>(broken.subList(0, MOST_SHOWN));
      shown.add("and %d more".formatted(broken.size() - MOST_SHOWN));
      return shown;
    }
  }

  boolean kept() {
    return points.stream().allMatch(Point::kept);
  }

  /**
   * Looks at every clip, which takes as long as decoding them does.
   *
   * @param restless what the run itself saw that should not have been
   */
  static ChaosVerdict of(
      VideoFolder folder,
      JobQueue queue,
      ChaosWitness witness,
      List<String> restless,
      Duration slowestEnd)
      throws IOException {
    Map<String, List<DetectionLine>> lines = new HashMap<>();
    try (Stream<DetectionLine> all = new DetectionLog(folder.log()).lines()) {
      all.forEach(line -> lines.computeIfAbsent(line.filename(), n -> new ArrayList<>()).add(line));
    }
    ClipAudit ledger = ClipAudit.of(folder, queue, false);
    NavigableSet<String> seen = witness.seen();
    return new ChaosVerdict(
        ledger,
        List.of(
            clipsPlay(folder, seen),
            oneLineEach(folder, seen, lines),
            littleIsLost(witness.cutOff(), lines),
            new Point(
                "check finds nothing wrong",
                "unaccounted = " + ledger.unaccounted(),
                ledger.anomalies().stream().map(a -> a.kind().text() + ": " + a.what()).toList()),
            new Point(
                "no process ends by itself, each ends when told to, all is done in the end",
                "slowest end %.1f s".formatted(slowestEnd.toMillis() / 1e3),
                restless)));
  }

  private static Point clipsPlay(VideoFolder folder, NavigableSet<String> seen) throws IOException {
    List<String> broken = new ArrayList<>();
    long frames = 0;
    for (String name : seen) {
      Path clip = folder.root().resolve(name);
      if (!Files.exists(clip)) {
        broken.add(name + " was begun and is not there");
        continue;
      }
      try (ClipReader reader = ClipReader.open(clip, 1)) {
        long before = frames;
        while (reader.next()) {
          frames++;
        }
        if (frames == before) {
          broken.add(name + " has no picture in it");
        }
      } catch (ClipUnreadableException e) {
        broken.add(name + " does not play: " + e.getMessage());
      }
    }
    return new Point(
        "every clip that was begun is there and plays",
        "%d clips, %d frames".formatted(seen.size(), frames),
        broken);
  }

  private static Point oneLineEach(
      VideoFolder folder, NavigableSet<String> seen, Map<String, List<DetectionLine>> lines) {
    List<String> broken = new ArrayList<>();
    for (String name : seen) {
      List<DetectionLine> own = lines.getOrDefault(name, List.of());
      if (own.size() != 1) {
        broken.add("%s has %d lines".formatted(name, own.size()));
      } else if (!own.get(0).ok()) {
        broken.add("%s was not analysed: %s".formatted(name, own.get(0).error()));
      }
    }
    for (String name : lines.keySet()) {
      if (!seen.contains(name)) {
        broken.add("%s has a line, and nobody saw it in %s".formatted(name, folder.root()));
      }
    }
    return new Point(
        "every clip has one line",
        "%d lines".formatted(lines.values().stream().mapToInt(List::size).sum()),
        broken);
  }

  private static Point littleIsLost(List<CutOff> cutOff, Map<String, List<DetectionLine>> lines) {
    List<String> broken = new ArrayList<>();
    double worst = 0;
    int looked = 0;
    for (CutOff recording : cutOff) {
      List<DetectionLine> own = lines.getOrDefault(recording.recording(), List.of());
      if (own.size() == 1
          && own.get(0).recordedAt() != null
          && own.get(0).durationSeconds() != null) {
        looked++;
        Duration lasts = Duration.ofMillis(Math.round(own.get(0).durationSeconds() * 1e3));
        Duration lost =
            Duration.between(own.get(0).recordedAt().toInstant().plus(lasts), recording.killed());
        worst = Math.max(worst, lost.toMillis() / 1e3);
        if (lost.compareTo(MOST_LOST) > 0) {
          broken.add(
              "%s lacks its last %.1f s".formatted(recording.recording(), lost.toMillis() / 1e3));
        }
      }
    }
    return new Point(
        "a killed capture loses the last second",
        "worst of %d: %.1f s".formatted(looked, worst),
        broken);
  }
}
