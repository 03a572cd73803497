package org.shvideo.notebook.results;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/** What two analyses of the same clips detected, and where they differ. */
public final class Comparison extends View {
  private final String first;
  private final String second;
  private final List<Pair> pairs;

  /** One clip, analysed twice. */
  public record Pair(String filename, DetectionLine first, DetectionLine second) {}

  /**
   * One label in one clip.
   *
   * @param first null where it was not detected
   * @param second null where it was not detected
   */
  public record Difference(
      String filename, String label, DetectedObject first, DetectedObject second) {}

  /**
   * @param first the name of the first analysis
   * @param second the name of the second analysis
   */
  public Comparison(String first, String second, List<Pair> pairs) {
    this.first = first;
    this.second = second;
    this.pairs = List.copyOf(pairs);
  }

  /** Every label of every clip, including those that both detected. */
  public List<Difference> all() {
    List<Difference> all = new ArrayList<>();
    for (Pair pair : pairs) {
      Set<String> labels = new LinkedHashSet<>(pair.first().detected());
      labels.addAll(pair.second().detected());
      for (String label : labels) {
        all.add(
            new Difference(
                pair.filename(), label, find(pair.first(), label), find(pair.second(), label)));
      }
    }
    return all;
  }

  /** The labels that only one of the two detected. */
  public List<Difference> differences() {
    return all().stream().filter(one -> (one.first() == null) != (one.second() == null)).toList();
  }

  @Override
  public Map<String, String> mimeBundle() {
    List<Difference> all = all();
    View view =
        all.isEmpty()
            ? new Text(summary())
            : Table.of(all)
                .column("clip", Difference::filename)
                .column("label", Difference::label)
                .column(first, one -> text(one.first()))
                .column(second, one -> text(one.second()))
                .column(
                    "difference",
                    one -> one.first() == null ? "added" : one.second() == null ? "missing" : "")
                .caption(summary());
    return view.mimeBundle();
  }

  private String summary() {
    List<String> sentences = new ArrayList<>();
    for (Pair pair : pairs) {
      sentences.add(
          "%s: %s, then %s."
              .formatted(pair.filename(), effort(pair.first()), effort(pair.second())));
    }
    int differences = differences().size();
    sentences.add(
        all().isEmpty()
            ? "Neither detected anything."
            : differences == 0
                ? "Both detected the same labels."
                : Text.count(differences, "label") + " detected by only one of the two.");
    return String.join("\n", sentences);
  }

  private static String effort(DetectionLine line) {
    return line.analysed() == null || line.elapsedSeconds() == null
        ? "an unknown number of frames"
        : String.format(Locale.ROOT, "%d frames in %.1f s", line.analysed(), line.elapsedSeconds());
  }

  private static String text(DetectedObject object) {
    return object == null
        ? "–"
        : Double.isNaN(object.confidence())
            ? "detected"
            : String.format(
                Locale.ROOT,
                "%.2f, %.1f–%.1f s",
                object.confidence(),
                object.firstSeconds(),
                object.lastSeconds());
  }

  /** Null where the label was not detected. A line of the prototype has no confidences. */
  private static DetectedObject find(DetectionLine line, String label) {
    if (!line.detected().contains(label)) {
      return null;
    }
    List<DetectedObject> objects = line.objects() == null ? List.of() : line.objects();
    return objects.stream()
        .filter(object -> object.label().equals(label))
        .findFirst()
        .orElse(new DetectedObject(label, Double.NaN, 0, 0, 0, 0, List.of()));
  }
}
