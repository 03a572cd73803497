package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.ClipUnreadableException;

/** Shows a person how far the analysis of a clip is. */
public final class ClipProgress {
  private ClipProgress() {}

  /**
   * Analyses a clip under a progress bar, where there is a terminal.
   *
   * @param task the bar's name
   */
  public static DetectionLine analyse(ClipAnalyzer detection, Path file, String task)
      throws IOException, ClipUnreadableException {
    if (!Boolean.getBoolean("shvideo.terminal")) {
      return detection.analyse(file, (frames, total) -> {});
    }
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(" frames", 1)
            .showSpeed()
            .clearDisplayOnFinish()
            .build()) {
      return detection.analyse(
          file,
          (frames, total) -> {
            bar.maxHint(total > 0 ? total : -1);
            bar.stepTo(frames);
          });
    }
  }
}
