package org.shvideo.cli.pipeline;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.shvideo.camera.scene.DemoModel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.yolo.ModelSource;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;

/** The model that a command uses. */
public final class Models {
  private Models() {}

  /**
   * Finds the YOLOv8n weights as the worker does.
   *
   * @throws UserException when they are not found; the message lists all places and what to do
   */
  public static Path find(Settings settings) {
    try {
      return source(settings).find();
    } catch (ModelUnavailableException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  /** As {@link #find}, but falls back to a built-in model that detects only the drawn sign. */
  public static Path findOrBuiltIn(Settings settings, PrintWriter out) {
    try {
      return source(settings).find();
    } catch (ModelUnavailableException e) {
      out.println(
          "YOLOv8n weights not found. Using a small built-in model that detects only the drawn"
              + " sign.\n"
              + e.getMessage().indent(2));
      return DemoModel.unpack();
    }
  }

  private static ModelSource source(Settings settings) {
    Path root = Path.of(System.getProperty("shvideo.root", ""));
    ModelSource source = new ModelSource(WorkerSettings.from(settings).model(), root);
    settings.check();
    return source;
  }

  /**
   * Finds the weights and loads them. The caller closes the detector.
   *
   * @throws UserException when they cannot be found or loaded
   */
  public static YoloDetector load(Settings settings) {
    WorkerSettings worker = WorkerSettings.from(settings);
    try {
      return YoloDetector.load(find(settings), worker.confidence(), worker.iou(), worker.threads());
    } catch (ModelUnavailableException e) {
      throw new UserException(e.getMessage(), e);
    }
  }
}
