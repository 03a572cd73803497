package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a program's output, for error messages. */
public final class LogTail {
  private static final int MAX_LINES = 15;

  private LogTail() {}

  /** The last lines of a file, indented, without a line break at the end. */
  public static String of(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size()))
        .indent(2)
        .stripTrailing();
  }
}
