package org.shvideo.cli.jupyter;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How Jupyter starts the Java kernel: a {@code kernel.json} made from a template in {@code
 * notebooks/kernels}.
 *
 * @param java the {@code java} executable
 * @param jars the folder with the libraries
 * @param root the checkout, which has the models
 */
record KernelSpec(Path java, Path jars, Path root) {

  /** The Java and the libraries of this process. */
  static KernelSpec ofProcess(Path root) {
    return new KernelSpec(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        root.resolve("cli/target/cli/lib"),
        root);
  }

  /** Writes {@code kernel.json} into a folder, which is created. */
  void install(Path template, Path kernel) throws IOException {
    String json =
        Files.readString(template)
            .replace("@java@", quoted(java))
            .replace("@jars@", quoted(jars))
            .replace("@root@", quoted(root));
    Files.writeString(Files.createDirectories(kernel).resolve("kernel.json"), json);
  }

  private static String quoted(Path path) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(path.toString()));
  }
}
