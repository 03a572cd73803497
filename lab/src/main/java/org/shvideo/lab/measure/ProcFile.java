package org.shvideo.lab.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Reads the files that Linux has below {@code /proc}; all is empty on other systems. */
public final class ProcFile {
  private ProcFile() {}

  /** The value in the first line {@code name: value} of a file. */
  static Optional<String> value(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A value in kilobytes, such as {@code VmRSS: 1234 kB}, in MiB. */
  public static OptionalDouble mebibytes(String file, String name) {
    return value(file, name).stream()
        .mapToDouble(kilobytes -> Long.parseLong(kilobytes.replaceAll("\\D", "")) / 1024.0)
        .findFirst();
  }

  /** As {@link #mebibytes(String, String)} of {@code /proc/PID/status}. */
  public static OptionalDouble mebibytes(long pid, String name) {
    return mebibytes("/proc/%d/status".formatted(pid), name);
  }
}
