package org.shvideo.notebook.results;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/** What tables and charts ask of lines of the log, any of whose fields may be missing. */
final class LogLines {
  private LogLines() {}

  /**
   * When the recording began, or else when the line was written; null where neither is known. In
   * local time.
   */
  static LocalDateTime time(DetectionLine line) {
    return line.recordedAt() == null
        ? line.timestamp()
        : line.recordedAt().atZoneSameInstant(ZoneId.systemDefault()).toLocalDateTime();
  }

  static LocalDate day(DetectionLine line) {
    LocalDateTime time = time(line);
    return time == null ? null : time.toLocalDate();
  }

  static String camera(DetectionLine line) {
    return line.camera() == null ? "unknown" : line.camera();
  }

  /** The latest line of each clip. */
  static List<DetectionLine> latest(List<DetectionLine> lines) {
    Map<String, DetectionLine> latest = new LinkedHashMap<>();
    for (DetectionLine line : lines) {
      latest.remove(line.filename()); // so that the order is that of the latest lines
      latest.put(line.filename(), line);
    }
    return List.copyOf(latest.values());
  }

  static Stream<DetectedObject> objects(List<DetectionLine> clips) {
    return clips.stream()
        .filter(line -> line.objects() != null)
        .flatMap(line -> line.objects().stream());
  }

  /** In how many clips each label was detected, the most frequent first. */
  static Map<String, Long> labelCounts(List<DetectionLine> clips) {
    Map<String, Long> counts =
        clips.stream()
            .flatMap(line -> line.detected().stream().distinct())
            .collect(groupingBy(Function.identity(), TreeMap::new, counting()));
    Map<String, Long> sorted = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(one -> sorted.put(one.getKey(), one.getValue()));
    return sorted;
  }

  /** The value below which this fraction of the values lies; null for an empty list. */
  static Double quantile(List<Double> sorted, double fraction) {
    return sorted.isEmpty() ? null : sorted.get((int) Math.round(fraction * (sorted.size() - 1)));
  }
}
