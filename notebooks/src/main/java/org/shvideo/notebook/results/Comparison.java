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

/** What two analyses of the same clips detected, and where they differ. Not thread-safe. */
public final class Comparison extends View {
  private final String first;
  private final String second;
  private final List<Label> labels = new ArrayList<>();
  private final List<String> sentences = new ArrayList<>();

  /** A label in a clip, as each analysis detected it; null where one did not. */
  private record Label(String clip, String name, DetectedObject first, DetectedObject second) {
    String difference() {
      return first == null ? "added" : second == null ? "missing" : "";
    }
  }

  /** With the names of the two analyses. */
  public Comparison(String first, String second) {
    this.first = first;
    this.second = second;
  }

  public void add(String clip, DetectionLine firstLine, DetectionLine secondLine) {
    sentences.add("%s: %s, then %s.".formatted(clip, effort(firstLine), effort(secondLine)));
    Set<String> names = new LinkedHashSet<>(firstLine.detected());
    names.addAll(secondLine.detected());
    names.forEach(
        name -> labels.add(new Label(clip, name, find(firstLine, name), find(secondLine, name))));
  }

  @Override
  public Map<String, String> mimeBundle() {
    long differences = labels.stream().filter(label -> !label.difference().isEmpty()).count();
    String verdict =
        labels.isEmpty()
            ? "Neither detected anything."
            : differences == 0
                ? "Both detected the same labels."
                : Text.count(differences, "label") + " detected by only one of the two.";
    String summary = String.join("\n", sentences) + "\n" + verdict;
    View view =
        labels.isEmpty()
            ? new Text(summary)
            : Table.of(labels)
                .column("clip", Label::clip)
                .column("label", Label::name)
                .column(first, label -> text(label.first()))
                .column(second, label -> text(label.second()))
                .column("difference", Label::difference)
                .caption(summary);
    return view.mimeBundle();
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
    return LogLines.objects(List.of(line))
        .filter(object -> object.label().equals(label))
        .findFirst()
        .orElse(new DetectedObject(label, Double.NaN, 0, 0, 0, 0, List.of()));
  }
}
