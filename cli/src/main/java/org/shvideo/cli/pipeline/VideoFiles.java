package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.yolo.YoloDetector;

/** Analyses video files given on the command line. */
public final class VideoFiles {
  private VideoFiles() {}

  /** What is done with each file. */
  public interface Action {
    void accept(Path file, YoloDetector detector, WorkerSettings settings)
        throws IOException, ClipUnreadableException;
  }

  /**
   * Loads the detector that the environment configures and handles each file. A file that cannot be
   * read does not stop the others.
   *
   * @param err gets a message for each file that cannot be read
   * @return the exit status of the process: 1 when a file could not be read
   * @throws UserException when the model cannot be loaded
   */
  public static int forEach(List<Path> files, PrintWriter err, Action action) {
    Settings environment = Settings.ofProcess();
    WorkerSettings settings = environment.read(WorkerSettings::from);
    int failed = 0;
    try (YoloDetector detector = Models.load(environment)) {
      for (Path file : files) {
        try {
          action.accept(file, detector, settings);
        } catch (ClipUnreadableException | IOException e) {
          failed++;
          err.println("sh-video: " + describe(file, e));
        }
      }
    }
    return failed == 0 ? 0 : 1;
  }

  /** Analyses a file, with a progress bar of this title if standard error is a terminal. */
  public static DetectionLine analyse(ClipAnalyzer analyzer, Path file, String title)
      throws IOException, ClipUnreadableException {
    if (!Boolean.getBoolean("shvideo.terminal")) {
      return analyzer.analyse(file, (frames, total) -> {});
    }
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(title)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(" frames", 1)
            .showSpeed()
            .clearDisplayOnFinish()
            .build()) {
      return analyzer.analyse(
          file,
          (frames, total) -> {
            bar.maxHint(total > 0 ? total : -1);
            bar.stepTo(frames);
          });
    }
  }

  private static String describe(Path file, Exception failure) {
    if (failure instanceof NoSuchFileException) {
      return file + " does not exist";
    }
    return failure instanceof ClipUnreadableException
        ? failure.getMessage()
        : "cannot read " + file + ": " + failure.getMessage();
  }
}
