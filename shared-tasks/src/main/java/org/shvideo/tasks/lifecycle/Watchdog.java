package org.shvideo.tasks.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends another process when this one ends, however it does: killed, crashed, out of memory. A shell
 * waits for the end of its input, a pipe that the system closes with this process. Thread-safe.
 */
public final class Watchdog {
  /** A suspended process gets SIGTERM once it goes on. */
  private static final String SCRIPT =
      "trap '' HUP INT TERM; while read -r _; do :; done; kill \"$1\" && kill -CONT \"$1\"";

  /** Of util-linux; not on macOS. With it, the shell outlives a SIGKILL to the whole group. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private Watchdog() {}

  /**
   * Sends SIGTERM to a process when this one has ended. The shell ends with the process, too.
   *
   * @throws IOException when there is no shell
   */
  public static void over(ProcessHandle process) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", SCRIPT, "sh", Long.toString(process.pid())));
    if (Files.isExecutable(SETSID)) {
      command.add(0, SETSID.toString());
    }
    Process shell =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    // Later, its number may be another's.
    var unused = process.onExit().thenRun(shell::destroyForcibly);
  }
}
