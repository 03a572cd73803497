package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;

/**
 * What commands that look into video files have in common: one that is of no use stops no other.
 */
public final class VideoFiles {
  private VideoFiles() {}

  /** Looks into one file. */
  public interface Look {
    void at(Path file, YoloDetector detector, WorkerSettings settings)
        throws IOException, ClipUnreadableException;
  }

  /**
   * Loads the detector that the environment names and looks into each file.
   *
   * @param err is told which files are of no use, and why
   * @return the process' exit status: 1 when there was such a file
   * @throws UserException when the model cannot be used
   */
  public static int look(List<Path> files, PrintWriter err, Look look) {
    Settings environment = Settings.ofProcess();
    WorkerSettings settings = WorkerSettings.from(environment);
    environment.check();
    int failed = 0;
    try (YoloDetector detector =
        YoloDetector.load(
            Models.find(environment), settings.confidence(), settings.iou(), settings.threads())) {
      for (Path file : files) {
        try {
          look.at(file, detector, settings);
        } catch (ClipUnreadableException e) {
          failed++;
          err.println("sh-video: " + e.getMessage());
        } catch (NoSuchFileException e) {
          failed++;
          err.println("sh-video: there is no file " + file);
        } catch (IOException e) {
          failed++;
          err.println("sh-video: " + file + " cannot be read: " + e.getMessage());
        }
      }
    } catch (ModelUnavailableException e) {
      throw new UserException(e.getMessage(), e);
    }
    return failed == 0 ? 0 : 1;
  }
}
