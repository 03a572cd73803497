package org.shvideo.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The worker as a process of its own, for tests that end it. */
final class WorkerProcess {
  private WorkerProcess() {}

  /**
   * @param environment the only variables it sees, beside those a Java needs
   * @param folder to run in
   * @param output where its log goes
   */
  static Process start(Map<String, String> environment, Path folder, Path output)
      throws IOException {
    return start(WorkerMain.class, List.of(), environment, folder, output);
  }

  /**
   * As above.
   *
   * @param flags for Java, which come last and so prevail
   */
  static Process start(
      Class<?> main, List<String> flags, Map<String, String> environment, Path folder, Path output)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Dai.djl.offline=true",
            "@" + Path.of(System.getProperty("shvideo.root"), "build", "java.options"),
            "-Xmx256m"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().retainAll(List.of("PATH", "HOME", "LANG", "DJL_CACHE_DIR"));
    builder.environment().putAll(environment);
    return builder
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}
