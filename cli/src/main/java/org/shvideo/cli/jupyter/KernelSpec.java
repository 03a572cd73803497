package org.shvideo.cli.jupyter;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How Jupyter starts the Java kernel: a {@code kernel.json} of {@code notebooks/kernels}, in which
 * three places are left open for the machine it is installed on.
 *
 * @param java the {@code java} to start
 * @param jars the folder of our libraries
 * @param root the checkout, where models are looked for
 */
record KernelSpec(Path java, Path jars, Path root) {

  /** The Java that runs this process, with the libraries it was built with. */
  static KernelSpec ofProcess(Path root) {
    return new KernelSpec(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        root.resolve("cli/target/cli/lib"),
        root);
  }

  /** The text of {@code kernel.json} with the open places filled. */
  String render(String template) {
    return template
        .replace("@java@", quoted(java))
        .replace("@jars@", quoted(jars))
        .replace("@root@", quoted(root));
  }

  /** Writes it into the folder that holds the kernel's own jar. */
  void install(Path template, Path kernel) throws IOException {
    Files.createDirectories(kernel);
    Files.writeString(
        kernel.resolve("kernel.json"),
        render(Files.readString(template, StandardCharsets.UTF_8)),
        StandardCharsets.UTF_8);
  }

  private static String quoted(Path path) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(path.toString()));
  }
}
