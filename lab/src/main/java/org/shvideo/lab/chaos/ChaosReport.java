package org.shvideo.lab.chaos;

import java.io.IOException;
import java.io.PrintWriter;
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
import org.shvideo.lab.chaos.FolderObserver.Interrupted;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;

/** The result of a chaos run: the audit of the video folder, and which guarantees were kept. */
record ChaosReport(ClipAudit audit, List<Guarantee> guarantees) {
  /** One second is guaranteed; on a busy machine a kill may take another. */
  private static final Duration MAX_LOSS = Duration.ofSeconds(2);

  private static final int MAX_VIOLATIONS_SHOWN = 10;

  /** A guarantee: what was checked or measured, and what violates it; nothing if it was kept. */
  record Guarantee(String text, String scope, List<String> violations) {
    boolean kept() {
      return violations.isEmpty();
    }
  }

  boolean kept() {
    return guarantees.stream().allMatch(Guarantee::kept);
  }

  void print(PrintWriter out) {
    audit.print(out);
    out.println();
    for (Guarantee guarantee : guarantees) {
      out.printf(
          "%-8s %s (%s)%n",
          guarantee.kept() ? "kept" : "VIOLATED", guarantee.text(), guarantee.scope());
      List<String> violations = guarantee.violations();
      violations.stream()
          .limit(MAX_VIOLATIONS_SHOWN)
          .forEach(violation -> out.println("           " + violation));
      if (violations.size() > MAX_VIOLATIONS_SHOWN) {
        out.printf("           and %d more%n", violations.size() - MAX_VIOLATIONS_SHOWN);
      }
    }
    out.println();
  }

  /** Checks the results of a run, of which these problems are known. Decodes every clip. */
  static ChaosReport of(
      VideoFolder folder,
      JobQueue queue,
      FolderObserver observer,
      List<String> problems,
      Duration slowestShutdown)
      throws IOException {
    Map<String, List<DetectionLine>> lines = new HashMap<>();
    try (Stream<DetectionLine> all = new DetectionLog(folder.log()).lines()) {
      all.forEach(line -> lines.computeIfAbsent(line.filename(), n -> new ArrayList<>()).add(line));
    }
    ClipAudit audit = ClipAudit.of(folder, queue, false);
    NavigableSet<String> clips = observer.clips();
    return new ChaosReport(
        audit,
        List.of(
            clipsPlay(folder, clips),
            oneLineEach(folder, clips, lines),
            limitedLoss(observer.interrupted(), lines),
            new Guarantee(
                "check finds no problems",
                "unaccounted = " + audit.unaccounted(),
                audit.anomalies().stream().map(a -> a.kind().text() + ": " + a.what()).toList()),
            new Guarantee(
                "no process ends unexpectedly, each ends after SIGTERM, all work is finished",
                "slowest shutdown %.1f s".formatted(slowestShutdown.toMillis() / 1e3),
                problems)));
  }

  private static Guarantee clipsPlay(VideoFolder folder, NavigableSet<String> clips)
      throws IOException {
    List<String> violations = new ArrayList<>();
    long frames = 0;
    for (String name : clips) {
      Path clip = folder.root().resolve(name);
      if (!Files.exists(clip)) {
        violations.add(name + " was started and does not exist");
        continue;
      }
      try (ClipReader reader = ClipReader.open(clip, 1)) {
        long before = frames;
        while (reader.next()) {
          frames++;
        }
        if (frames == before) {
          violations.add(name + " has no frames");
        }
      } catch (ClipUnreadableException e) {
        violations.add(name + " does not play: " + e.getMessage());
      }
    }
    return new Guarantee(
        "every clip that was started exists and plays",
        "%d clips, %d frames".formatted(clips.size(), frames),
        violations);
  }

  private static Guarantee oneLineEach(
      VideoFolder folder, NavigableSet<String> clips, Map<String, List<DetectionLine>> lines) {
    List<String> violations = new ArrayList<>();
    for (String name : clips) {
      List<DetectionLine> own = lines.getOrDefault(name, List.of());
      if (own.size() != 1) {
        violations.add("%s has %d lines".formatted(name, own.size()));
      } else if (!own.get(0).ok()) {
        violations.add("%s was not analysed: %s".formatted(name, own.get(0).error()));
      }
    }
    for (String name : lines.keySet()) {
      if (!clips.contains(name)) {
        violations.add("%s has a line and was never in %s".formatted(name, folder.root()));
      }
    }
    return new Guarantee(
        "every clip has one line",
        "%d lines".formatted(lines.values().stream().mapToInt(List::size).sum()),
        violations);
  }

  private static Guarantee limitedLoss(
      List<Interrupted> interrupted, Map<String, List<DetectionLine>> lines) {
    List<String> violations = new ArrayList<>();
    double worst = 0;
    int checked = 0;
    for (Interrupted recording : interrupted) {
      List<DetectionLine> own = lines.getOrDefault(recording.recording(), List.of());
      if (own.size() == 1
          && own.get(0).recordedAt() != null
          && own.get(0).durationSeconds() != null) {
        checked++;
        Duration length = Duration.ofMillis(Math.round(own.get(0).durationSeconds() * 1e3));
        Duration lost =
            Duration.between(own.get(0).recordedAt().toInstant().plus(length), recording.killed());
        worst = Math.max(worst, lost.toMillis() / 1e3);
        if (lost.compareTo(MAX_LOSS) > 0) {
          violations.add(
              "%s lacks its last %.1f s".formatted(recording.recording(), lost.toMillis() / 1e3));
        }
      }
    }
    return new Guarantee(
        "a killed capture loses at most the last second",
        "worst of %d: %.1f s".formatted(checked, worst),
        violations);
  }
}
