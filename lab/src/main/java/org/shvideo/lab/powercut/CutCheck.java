package org.shvideo.lab.powercut;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.shvideo.cli.pipeline.ClipAudit;
import org.shvideo.cli.pipeline.ClipAudit.Anomaly;
import org.shvideo.cli.pipeline.ClipAudit.Kind;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.powercut.Witness.Seen;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.video.VideoFolder;

/** Starts everything on a disk after a power cut, and checks what was promised before it. */
record CutCheck(FileSystemKind kind, Path folder, Map<String, String> cameras, Witness witness) {
  static final String BEFORE = "before";
  private static final String AFTER = "after";

  /** Of a recording that was cut off, or a line whose writer was told nothing. */
  private static final Set<Kind> EXPECTED = EnumSet.of(Kind.TORN_LINE, Kind.UNREADABLE_RECORDING);

  /** Returns what was not kept. */
  List<String> check(Path image, long moment) throws IOException, InterruptedException {
    try {
      kind.mount(image, folder);
    } catch (UserException e) {
      return List.of("the file system cannot be mounted: " + e.getMessage());
    }
    try {
      List<String> violations = new ArrayList<>();
      missingLines(new VideoFolder(folder.resolve("video")), moment, violations);
      Witness later = new Witness(() -> 0);
      try (var pipeline = new PoweredPipeline(folder, cameras, later, AFTER)) {
        if (!pipeline.awaitRecording()) {
          violations.add("nothing is recorded within 60 s");
        }
        ClipAudit audit = pipeline.finish();
        for (Anomaly anomaly : audit.anomalies()) {
          if (!EXPECTED.contains(anomaly.kind())) {
            violations.add(anomaly.kind().text() + ": " + anomaly.what());
          }
        }
        List<Seen> clips = new ArrayList<>(witness.clips(moment));
        clips.addAll(later.clips(Long.MAX_VALUE));
        checkClips(pipeline.folder(), clips, violations);
      } catch (IOException | RuntimeException e) {
        violations.add("the start failed: " + e);
      }
      return violations;
    } finally {
      FileSystemKind.unmount(folder);
    }
  }

  /** Finds lines that were written and are gone. */
  private void missingLines(VideoFolder video, long moment, List<String> violations) {
    Map<String, List<DetectionLine>> lines = lines(video);
    for (Seen line : witness.lines(moment)) {
      if (!lines.containsKey(line.job())) {
        violations.add("the line of %s is lost, job %s".formatted(line.clip(), line.job()));
      }
    }
  }

  private static Map<String, List<DetectionLine>> lines(VideoFolder video) {
    Map<String, List<DetectionLine>> lines = new HashMap<>();
    if (Files.exists(video.root())) {
      try (Stream<DetectionLine> all = new DetectionLog(video.log()).lines()) {
        all.forEach(line -> lines.computeIfAbsent(line.job(), job -> new ArrayList<>()).add(line));
      }
    }
    return lines;
  }

  /** Finds published clips that are gone, or do not have one line. */
  static void checkClips(VideoFolder video, List<Seen> clips, List<String> violations)
      throws IOException {
    Set<String> deleted = new HashSet<>();
    new DeletionLog(video.deletionLog()).read(deletion -> deleted.add(deletion.filename()));
    Map<String, List<DetectionLine>> lines = lines(video);
    for (Seen clip : clips) {
      if (!Files.exists(video.root().resolve(clip.clip())) && !deleted.contains(clip.clip())) {
        violations.add("clip %s is lost, job %s".formatted(clip.clip(), clip.job()));
      }
      int count = lines.getOrDefault(clip.job(), List.of()).size();
      if (count != 1) {
        violations.add("clip %s has %d lines, job %s".formatted(clip.clip(), count, clip.job()));
      }
    }
    Set<String> named = new HashSet<>();
    lines.values().stream()
        .flatMap(List::stream)
        .filter(line -> !named.add(line.filename()))
        .forEach(line -> violations.add("%s has lines of two jobs".formatted(line.filename())));
  }
}
