package org.shvideo.notebook;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.shvideo.worker.result.Snapshot;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;

/** What the detector found in a clip's frames, to be shown as pictures or over time. */
public final class FrameResults implements View {
  private static final int COLUMNS = 2;

  private final Clip clip;
  private final int everyFrames;
  private final double seconds;
  private final List<Frame> frames;

  /**
   * One frame that was looked at.
   *
   * @param index its number in the clip, from 0
   * @param seconds from the clip's start
   */
  public record Frame(int index, double seconds, List<Detection> detections) {}

  FrameResults(Clip clip, int everyFrames, double seconds, List<Frame> frames) {
    this.clip = clip;
    this.everyFrames = everyFrames;
    this.seconds = seconds;
    this.frames = List.copyOf(frames);
  }

  /** All frames that were looked at, in their order. */
  public List<Frame> frames() {
    return frames;
  }

  /** How many there were and what was in them. */
  @Override
  public String text() {
    List<String> labels = labels();
    return "%s: every %s frame, %d in all; %s"
        .formatted(
            clip.filename(),
            ordinal(everyFrames),
            frames.size(),
            labels.isEmpty() ? "nothing was seen" : String.join(", ", labels));
  }

  /** Up to so many frames with boxes, spread over those in which something was seen. */
  public View pictures(int most) {
    if (most < 1) {
      throw new NotebookException(most + " pictures: 1 is the least");
    }
    List<Frame> seen = frames.stream().filter(frame -> !frame.detections().isEmpty()).toList();
    if (seen.isEmpty()) {
      return new Text(text());
    }
    Map<Integer, Frame> chosen = new LinkedHashMap<>();
    int count = Math.min(most, seen.size());
    IntStream.range(0, count)
        .map(i -> count == 1 ? 0 : i * (seen.size() - 1) / (count - 1))
        .mapToObj(seen::get)
        .forEach(frame -> chosen.put(frame.index(), frame));
    return NotebookException.explained(
        () -> {
          var tiles =
              clip.tiles(
                  List.copyOf(chosen.keySet()),
                  COLUMNS,
                  (tile, index, scale) ->
                      Snapshot.draw(tile, scaled(chosen.get(index).detections(), scale)));
          String text =
              chosen.values().stream()
                  .map(FrameResults::described)
                  .collect(Collectors.joining("\n"));
          return Picture.jpeg(PictureGrid.draw(tiles, COLUMNS), text);
        });
  }

  /** The boxes as they lie in a picture of another size. */
  static List<Detection> scaled(List<Detection> detections, float scale) {
    return detections.stream()
        .map(
            found -> {
              Box box = found.box();
              return new Detection(
                  found.label(),
                  found.confidence(),
                  new Box(
                      box.left() * scale,
                      box.top() * scale,
                      box.right() * scale,
                      box.bottom() * scale));
            })
        .toList();
  }

  /** When each label was seen. */
  public View timeline() {
    Map<String, List<Double>> marks = new LinkedHashMap<>();
    for (String label : labels()) {
      List<Double> at = new ArrayList<>();
      for (Frame frame : frames) {
        if (frame.detections().stream().anyMatch(found -> found.label().equals(label))) {
          at.add(frame.seconds());
        }
      }
      marks.put(label, at);
    }
    if (marks.isEmpty()) {
      return new Text(text());
    }
    Frame last = frames.get(frames.size() - 1);
    double lasts = frames.size() == 1 ? seconds : last.seconds() / (frames.size() - 1);
    return Charts.timeline("What was seen when: " + clip.filename(), seconds, lasts, marks);
  }

  /** In order of first appearance. */
  private List<String> labels() {
    LinkedHashSet<String> labels = new LinkedHashSet<>();
    for (Frame frame : frames) {
      frame.detections().stream()
          .sorted(Comparator.comparing(Detection::confidence).reversed())
          .forEach(found -> labels.add(found.label()));
    }
    return List.copyOf(labels);
  }

  private static String described(Frame frame) {
    return "%.1f s: %s"
        .formatted(
            frame.seconds(),
            frame.detections().stream()
                .map(found -> "%s %.2f".formatted(found.label(), found.confidence()))
                .collect(Collectors.joining(", ")));
  }

  private static String ordinal(int number) {
    boolean teen = number / 10 % 10 == 1;
    return number
        + (teen
            ? "th"
            : number % 10 == 1 ? "st" : number % 10 == 2 ? "nd" : number % 10 == 3 ? "rd" : "th");
  }

  @Override
  public String toString() {
    return text();
  }
}
