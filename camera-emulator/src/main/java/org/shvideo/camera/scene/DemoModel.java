package org.shvideo.camera.scene;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The built-in detection model. It knows the stop sign of {@link Scene} and nothing else. */
public final class DemoModel {
  private static final String FILE_NAME = "demo.torchscript";

  private DemoModel() {}

  /**
   * Writes the model into a temporary file, because PyTorch reads nothing else.
   *
   * @return a TorchScript file that is deleted when the process ends
   */
  public static Path unpack() {
    try (InputStream resource = DemoModel.class.getResourceAsStream(FILE_NAME)) {
      Path folder = Files.createTempDirectory("sh-video");
      Path file = folder.resolve(FILE_NAME);
      Files.copy(resource, file);
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot unpack the built-in model", e);
    }
  }
}
