package org.shvideo.worker.yolo;

import ai.djl.repository.zoo.ModelZoo;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the YOLOv8n weights come from: the path in {@code YOLO_MODEL}; {@code
 * models/yolov8n.torchscript} in the checkout; {@code ../shared/models/yolov8n.torchscript} beside
 * it; DJL's model zoo, downloaded once into DJL's cache. The first that exists is used; a path in
 * {@code YOLO_MODEL} is used or refused, never skipped. Immutable.
 *
 * @param chosen the setting {@code YOLO_MODEL}
 * @param root the checkout, or the folder the program runs in
 */
public record ModelSource(Optional<Path> chosen, Path root, ZooModelFile zoo) {
  private static final Logger log = LoggerFactory.getLogger(ModelSource.class);
  private static final String FILE_NAME = "yolov8n.torchscript";

  public ModelSource {
    root = root.toAbsolutePath().normalize();
  }

  public ModelSource(Optional<Path> chosen, Path root) {
    this(
        chosen,
        root,
        new ZooModelFile(ModelZoo.DJL_REPO_URL, Utils.getCacheDir(), !Utils.isOfflineMode()));
  }

  /**
   * Finds the model, or downloads it. Returns or fails within seconds when the zoo cannot be
   * reached.
   *
   * @return a TorchScript file
   * @throws ModelUnavailableException naming all four places and what to do
   */
  public Path find() throws ModelUnavailableException {
    if (chosen.isPresent()) {
      Path file = chosen.get();
      if (Files.isRegularFile(file)) {
        return file;
      }
      throw new ModelUnavailableException(
          "YOLO_MODEL is %s, which is not a file. Correct the path or remove the setting."
              .formatted(file.toAbsolutePath()));
    }
    Path own = root.resolve("models").resolve(FILE_NAME);
    Path beside = root.resolveSibling("shared").resolve("models").resolve(FILE_NAME);
    for (Path file : new Path[] {own, beside}) {
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    try {
      Optional<Path> cached = zoo.cached();
      if (cached.isPresent()) {
        return cached.get();
      }
      log.info("Downloading the YOLOv8n model from {}", ZooModelFile.NAME);
      return zoo.fetch();
    } catch (IOException e) {
      throw new ModelUnavailableException(
          """
          No YOLOv8n model found:
            1. YOLO_MODEL: not set
            2. %s: no such file
            3. %s: no such file
            4. %s: %s
          Put a TorchScript export of YOLOv8n ("yolo export model=yolov8n.pt format=torchscript") \
          at 2, set YOLO_MODEL to its path, or connect this machine to the Internet once.\
          """
              .formatted(own, beside, ZooModelFile.NAME, e.getMessage()),
          e);
    }
  }
}
