package org.shvideo.notebook;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/** What two analyses of the same clips found, and where they differ. */
public final class Comparison implements View {
  private final String first;
  private final String other;
  private final List<Pair> pairs;

  /** One clip, analysed twice. */
  record Pair(String filename, DetectionLine first, DetectionLine other) {}

  /**
   * One label in one clip.
   *
   * @param first null where it was not seen
   * @param other null where it was not seen
   */
  public record Difference(
      String filename, String label, DetectedObject first, DetectedObject other) {}

  Comparison(String first, String other, List<Pair> pairs) {
    this.first = first;
    this.other = other;
    this.pairs = List.copyOf(pairs);
  }

  /** Every label of every clip, also those on which both agree. */
  public List<Difference> all() {
    List<Difference> all = new ArrayList<>();
    for (Pair pair : pairs) {
      Set<String> labels = new LinkedHashSet<>(pair.first().detected());
      labels.addAll(pair.other().detected());
      for (String label : labels) {
        all.add(
            new Difference(
                pair.filename(), label, find(pair.first(), label), find(pair.other(), label)));
      }
    }
    return all;
  }

  /** Only what one of the two saw and the other did not. */
  public List<Difference> differences() {
    return all().stream().filter(one -> (one.first() == null) != (one.other() == null)).toList();
  }

  private View table() {
    String sentence = sentence();
    List<Difference> all = all();
    return all.isEmpty()
        ? new Text(sentence)
        : Table.of(all)
            .column("clip", Difference::filename)
            .column("label", Difference::label)
            .column(first, one -> described(one.first()))
            .column(other, one -> described(one.other()))
            .column("difference", Comparison::difference)
            .caption(sentence);
  }

  private String sentence() {
    List<String> sentences = new ArrayList<>();
    for (Pair pair : pairs) {
      sentences.add(
          "%s: %s, then %s."
              .formatted(pair.filename(), effort(pair.first()), effort(pair.other())));
    }
    int differences = differences().size();
    sentences.add(
        all().isEmpty()
            ? "Neither saw anything."
            : differences == 0
                ? "Both saw the same."
                : Results.counted(differences, "label") + " seen by only one of the two.");
    return String.join("\n", sentences);
  }

  private static String effort(DetectionLine line) {
    return line.analysed() == null || line.elapsedSeconds() == null
        ? "an unknown number of frames"
        : String.format(Locale.ROOT, "%d frames in %.1f s", line.analysed(), line.elapsedSeconds());
  }

  private static String difference(Difference one) {
    if (one.first() == null) {
      return "found only now";
    }
    return one.other() == null ? "missed now" : "";
  }

  private static String described(DetectedObject object) {
    return object == null
        ? "–"
        : Double.isNaN(object.confidence())
            ? "seen"
            : String.format(
                Locale.ROOT,
                "%.2f, %.1f–%.1f s",
                object.confidence(),
                object.firstSeconds(),
                object.lastSeconds());
  }

  /** Null where the label was not seen. A prototype's line says only that it was. */
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

  @Override
  public String text() {
    return table().text();
  }

  @Override
  public Map<String, String> forms() {
    return table().forms();
  }

  @Override
  public String toString() {
    return text();
  }
}
