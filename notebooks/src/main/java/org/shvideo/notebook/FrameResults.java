package org.shvideo.notebook;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.notebook.view.RowChart;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.worker.yolo.Detection;

/** What was detected in the frames of a clip. */
public final class FrameResults extends View {
  private static final int COLUMNS = 2;

  private final Clip clip;
  private final int everyFrames;
  private final double clipSeconds;
  private final List<Frame> frames;

  /** One analysed frame: its number in the clip, from 0, and the time from the clip's start. */
  public record Frame(int index, double seconds, List<Detection> detections) {
    private boolean has(String label) {
      return detections.stream().anyMatch(found -> found.label().equals(label));
    }

    @Override
    public String toString() {
      return detections.stream()
          .map(one -> String.format(Locale.ROOT, "%s %.2f", one.label(), one.confidence()))
          .collect(Collectors.joining(", ", String.format(Locale.ROOT, "%.1f s: ", seconds), ""));
    }
  }

  FrameResults(Clip clip, int everyFrames, double clipSeconds, List<Frame> frames) {
    this.clip = clip;
    this.everyFrames = everyFrames;
    this.clipSeconds = clipSeconds;
    this.frames = List.copyOf(frames);
  }

  /** All analysed frames, in order. */
  public List<Frame> frames() {
    return frames;
  }

  /** The number of frames and the labels in them. */
  @Override
  public Map<String, String> mimeBundle() {
    List<String> labels = labels();
    return new Text(
            "%s: %s, one in %d; %s"
                .formatted(
                    clip.filename(),
                    Text.count(frames.size(), "frame"),
                    everyFrames,
                    labels.isEmpty() ? "nothing detected" : String.join(", ", labels)))
        .mimeBundle();
  }

  /** Frames with boxes, spread over those with detections; this many at most. */
  public View pictures(int max) {
    if (max < 1) {
      throw new NotebookException("max must be at least 1, not " + max);
    }
    List<Frame> found = frames.stream().filter(frame -> !frame.detections().isEmpty()).toList();
    if (found.isEmpty()) {
      return this;
    }
    int count = Math.min(max, found.size());
    List<Frame> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chosen.add(found.get(count == 1 ? 0 : i * (found.size() - 1) / (count - 1)));
    }
    SortedMap<Integer, List<Detection>> detections = new TreeMap<>();
    chosen.forEach(frame -> detections.put(frame.index(), frame.detections()));
    String text = chosen.stream().map(Frame::toString).collect(Collectors.joining("\n"));
    return NotebookException.explain(() -> clip.grid(detections, COLUMNS, text));
  }

  /** When each label was detected. */
  public View timeline() {
    List<String> labels = labels();
    if (labels.isEmpty()) {
      return this;
    }
    Map<String, List<Double>> marks = new LinkedHashMap<>();
    for (String label : labels) {
      marks.put(
          label, frames.stream().filter(frame -> frame.has(label)).map(Frame::seconds).toList());
    }
    int intervals = frames.size() - 1;
    double markSeconds = intervals == 0 ? clipSeconds : frames.get(intervals).seconds() / intervals;
    return RowChart.timeline("Detections in " + clip.filename(), clipSeconds, markSeconds, marks);
  }

  /** In order of first appearance. */
  private List<String> labels() {
    return frames.stream()
        .flatMap(
            frame ->
                frame.detections().stream()
                    .sorted(Comparator.comparing(Detection::confidence).reversed()))
        .map(Detection::label)
        .distinct()
        .toList();
  }
}
