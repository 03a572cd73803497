package org.shvideo.worker;

import java.io.IOException;
import java.nio.file.Path;
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
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dai.djl.offline=true",
                "-Djava.awt.headless=true",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerMain.class.getName()));
    builder.environment().keySet().retainAll(List.of("PATH", "HOME", "LANG", "DJL_CACHE_DIR"));
    builder.environment().putAll(environment);
    return builder
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}
