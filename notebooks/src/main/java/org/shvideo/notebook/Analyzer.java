package org.shvideo.notebook;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.shvideo.notebook.results.ClipResult;
import org.shvideo.notebook.results.Comparison;
import org.shvideo.notebook.results.Results;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.notebook.session.Session;
import org.shvideo.notebook.view.LiveDisplay;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.Text;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.Sampling;

/**
 * Analyses clips with the worker's settings, or with others to try. Does not write the log or
 * snapshots. Immutable: each change returns a new one.
 *
 * @param session borrowed
 * @param confidence the threshold: detections at or below it are left out, 0 to 1
 * @param iou boxes of one class that overlap by more are one object, 0 to 1
 * @param model a TorchScript file; empty for the default model
 */
public record Analyzer(
    Session session, double confidence, double iou, Sampling sampling, Optional<Path> model) {

  /** With another threshold, 0 to 1. */
  public Analyzer confidence(double threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new NotebookException("confidence must be between 0 and 1, not " + threshold);
    }
    return new Analyzer(session, threshold, iou, sampling, model);
  }

  /** For every frame, not only those that show something new. */
  public Analyzer everyFrame() {
    return new Analyzer(session, confidence, iou, Sampling.EVERY, model);
  }

  /**
   * With another model, a TorchScript file.
   *
   * @throws NotebookException when there is no such file
   */
  public Analyzer model(String file) {
    if (!Files.isRegularFile(Path.of(file))) {
      throw new NotebookException(
          "File %s does not exist. A relative path starts at the notebook's folder."
              .formatted(file));
    }
    return new Analyzer(session, confidence, iou, sampling, Optional.of(Path.of(file)));
  }

  /** Analyses one clip, showing the progress. */
  public ClipResult analyse(String filename) {
    Path clip = session.clip(filename);
    LiveDisplay display = new LiveDisplay();
    return NotebookException.explain(
        () -> {
          long start = System.nanoTime();
          DetectionLine line =
              new ClipAnalyzer(session.detector(model, confidence, iou), sampling, false)
                  .analyse(
                      clip,
                      (frames, total) -> {
                        NotebookException.throwIfInterrupted();
                        String detail = frames + (total > 0 ? " of " + total : "") + " frames";
                        display.show(Text.progress(filename, frames, total, detail));
                      });
          String seconds = "%.1f s".formatted((System.nanoTime() - start) / 1e9);
          display.showNow(Text.progress(filename, 1, 1, seconds));
          return new ClipResult(line);
        });
  }

  /** Analyses clips with these settings and with others, and compares the results. */
  public Comparison compare(Analyzer other, String... filenames) {
    return compare(toString(), this::line, other, filenames);
  }

  /**
   * Analyses clips with these settings, and compares the results with the log.
   *
   * @throws NotebookException when the log has no result of one of them
   */
  public Comparison compareWithLog(String... filenames) {
    Results results = NotebookException.explain(() -> Results.read(session.log()));
    List.of(filenames).forEach(filename -> logged(results, filename));
    return compare("the log", filename -> logged(results, filename), this, filenames);
  }

  private Comparison compare(
      String name, Function<String, DetectionLine> first, Analyzer second, String... filenames) {
    if (filenames.length == 0) {
      throw new NotebookException("Name at least one clip to compare.");
    }
    List.of(filenames).forEach(session::clip); // all must exist before the first is analysed
    Comparison comparison = new Comparison(name, second.toString());
    for (String filename : filenames) {
      comparison.add(filename, first.apply(filename), second.line(filename));
    }
    return comparison;
  }

  private DetectionLine line(String filename) {
    return analyse(filename).line();
  }

  private static DetectionLine logged(Results results, String filename) {
    return results.of(filename).lines().stream()
        .filter(DetectionLine::ok)
        .reduce((earlier, later) -> later)
        .orElseThrow(
            () ->
                new NotebookException(
                    ("The log has no result of %s to compare with. Analyse it first with"
                            + " SendProcessFile.ipynb.")
                        .formatted(filename)));
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
