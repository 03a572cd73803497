package org.shvideo.notebook;

import java.io.File;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.Sampling;

/**
 * How a clip is analysed: the worker's settings, or others to try. Immutable; each change gives a
 * new one.
 *
 * @param notebook lends the model
 * @param confidence objects at or below it are left out, 0 to 1
 * @param iou two boxes of one class that overlap by more are one object, 0 to 1
 * @param model a TorchScript file; empty for the worker's
 */
public record Analyzer(
    Notebook notebook, double confidence, double iou, Sampling sampling, Optional<Path> model) {

  /** What the model is less sure of is left out. */
  public Analyzer confidence(double threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new NotebookException("A confidence lies between 0 and 1, not at " + threshold);
    }
    return new Analyzer(notebook, threshold, iou, sampling, model);
  }

  /** Looking at every frame, not only at those that show something new. */
  public Analyzer everyFrame() {
    return new Analyzer(notebook, confidence, iou, Sampling.EVERY, model);
  }

  /**
   * With another model, a TorchScript file.
   *
   * @throws NotebookException when there is no such file
   */
  public Analyzer model(String file) {
    if (!new File(file).isFile()) {
      throw new NotebookException(
          "There is no file %s. A path that does not begin with / begins at the notebook."
              .formatted(file));
    }
    return new Analyzer(notebook, confidence, iou, sampling, Optional.of(Path.of(file)));
  }

  /** Analyses one clip, showing how far it is; the log and the clip's snapshot are left alone. */
  public ClipResult analyse(String filename) {
    Path clip = notebook.path(filename);
    LiveDisplay live = new LiveDisplay();
    return NotebookException.explained(
        () -> {
          long begun = System.nanoTime();
          var line =
              detection(false)
                  .analyse(
                      clip,
                      (frames, total) -> {
                        NotebookException.whenInterrupted();
                        live.show(
                            Text.progress(
                                filename,
                                total > 0 ? (double) frames / total : 0,
                                frames + (total > 0 ? " of " + total : "") + " frames"));
                      });
          Duration took = Duration.ofNanos(System.nanoTime() - begun);
          live.showNow(Text.progress(filename, 1, "%.1f s".formatted(took.toMillis() / 1e3)));
          return new ClipResult(line);
        });
  }

  /** Analyses clips with these settings and then with others, and says what differs. */
  public Comparison compare(Analyzer other, String... filenames) {
    List<Comparison.Pair> pairs = new ArrayList<>();
    for (String filename : all(filenames)) {
      pairs.add(
          new Comparison.Pair(filename, analyse(filename).line(), other.analyse(filename).line()));
    }
    return new Comparison(toString(), other.toString(), pairs);
  }

  /**
   * Analyses clips with these settings and says what differs from their latest lines in the log.
   *
   * @throws NotebookException when one of them has no line there
   */
  public Comparison compareWithLog(String... filenames) {
    Results results = notebook.results();
    List<DetectionLine> logged = new ArrayList<>();
    for (String filename : all(filenames)) {
      List<DetectionLine> lines =
          results.of(filename).lines().stream().filter(DetectionLine::ok).toList();
      if (lines.isEmpty()) {
        throw new NotebookException(
            "The log has no result of %s to compare with: queue it first, in SendProcessFile.ipynb."
                .formatted(filename));
      }
      logged.add(lines.get(lines.size() - 1));
    }
    List<Comparison.Pair> pairs = new ArrayList<>();
    for (DetectionLine line : logged) {
      String filename = line.filename();
      pairs.add(new Comparison.Pair(filename, line, analyse(filename).line()));
    }
    return new Comparison("the log", toString(), pairs);
  }

  /** The names, all of which must exist before the first is analysed. */
  private List<String> all(String... filenames) {
    List<String> names = List.of(filenames);
    if (names.isEmpty()) {
      throw new NotebookException("Name at least one clip to compare.");
    }
    names.forEach(notebook::path);
    return names;
  }

  ClipAnalyzer detection(boolean snapshots) {
    return new ClipAnalyzer(
        notebook.detector(this), sampling, snapshots, Clock.system(ZoneId.systemDefault()));
  }

  @Override
  public String toString() {
    return "confidence %s, %s%s"
        .formatted(
            Table.format(confidence),
            sampling == Sampling.EVERY ? "every frame" : "adaptive sampling",
            model.map(file -> ", " + file.getFileName()).orElse(""));
  }
}
