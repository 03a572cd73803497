package org.shvideo.capture.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process of its own, to be killed or to be denied what this one may do. */
public final class ChildProcess {
  private ChildProcess() {}

  /**
   * Starts a class' {@code main} with this process' class path; errors come with the output.
   *
   * @param wrapper a command that runs the one after it; may be empty
   */
  public static Process start(List<String> wrapper, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
