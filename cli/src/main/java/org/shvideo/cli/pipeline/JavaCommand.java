package org.shvideo.cli.pipeline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How another Java process of this product is started: with this one's Java and class path. */
public final class JavaCommand {
  private JavaCommand() {}

  /**
   * The command, to which arguments may be appended.
   *
   * @param flags for Java, such as the size of the heap
   */
  public static List<String> of(Class<?> main, String... flags) {
    String root = System.getProperty("shvideo.root", "");
    Path options = Path.of(root, "build", "java.options");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Files.exists(options)) {
      command.add("@" + options);
    }
    command.addAll(List.of(flags));
    command.add("-Dshvideo.root=" + root);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }
}
