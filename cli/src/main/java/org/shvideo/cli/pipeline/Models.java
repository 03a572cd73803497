package org.shvideo.cli.pipeline;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.shvideo.camera.scene.DemoModel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.yolo.ModelSource;
import org.shvideo.worker.yolo.ModelUnavailableException;

/** Which model a command uses. */
public final class Models {
  private Models() {}

  /**
   * Finds the YOLOv8n weights as the worker does.
   *
   * @throws UserException when they are nowhere; names all places and what to do
   */
  public static Path find(Settings settings) {
    try {
      return source(settings).find();
    } catch (ModelUnavailableException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  /** As {@link #find}, but falls back to the model that knows the drawn scene alone. */
  public static Path findOrBuiltIn(Settings settings, PrintWriter out) {
    try {
      return source(settings).find();
    } catch (ModelUnavailableException e) {
      out.println(
          "YOLOv8n's weights cannot be had here, so a small model stands in that knows nothing but"
              + " the drawn sign:\n"
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
}
