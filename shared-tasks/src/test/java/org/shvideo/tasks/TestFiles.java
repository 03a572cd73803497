package org.shvideo.tasks;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Models and footage for the tests of all modules. */
public final class TestFiles {
  private static final Path ROOT = Path.of(System.getProperty("shvideo.root")).toAbsolutePath();

  private TestFiles() {}

  /**
   * The model that is part of the project. It knows the stop sign of the drawn scene, {@code
   * org.shvideo.camera.scene.Scene}, and nothing else.
   */
  public static Path demoModel() {
    return ROOT.resolve(
        "camera-emulator/src/main/resources/org/shvideo/camera/scene/demo.torchscript");
  }

  /**
   * The YOLOv8n weights, for tests that assert COCO's classes in real pictures. The test is skipped
   * where they are neither in {@code models/} nor in the shared folder.
   */
  public static Path yolov8n() {
    Path own = ROOT.resolve("models/yolov8n.torchscript");
    return Files.exists(own) ? own : shared("models/yolov8n.torchscript");
  }

  /** Real footage in the shared folder. The test is skipped without it. */
  public static Path footage(String name) {
    return shared("media/" + name);
  }

  /**
   * A file of the folder {@code shared} beside the checkout, or of the one that the environment
   * variable {@code SHVIDEO_SHARED} names. The test is skipped without it.
   */
  public static Path shared(String name) {
    Path folder =
        Optional.ofNullable(System.getenv("SHVIDEO_SHARED"))
            .map(Path::of)
            .orElse(ROOT.resolveSibling("shared"));
    Path file = folder.resolve(name);
    assumeTrue(Files.exists(file), "needs " + file + ", which is not part of the project");
    return file;
  }
}
