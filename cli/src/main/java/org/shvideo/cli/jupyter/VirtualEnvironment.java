package org.shvideo.cli.jupyter;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.shvideo.cli.pipeline.EventPrinter;
import org.shvideo.cli.pipeline.UserException;

/**
 * A virtual environment of Python with exactly the pinned packages of a requirements file: made on
 * first use, made anew when that file or the Python changed, or when making it was cut short.
 */
final class VirtualEnvironment {
  private static final String INSTALL =
      "Debian, Ubuntu: apt install python3-venv; macOS: brew install python";

  /** Prints the version and fails, with a status of its own, where something is missing. */
  private static final String PROBE =
      """
      import sys
      if sys.version_info < (3, 10): sys.exit(3)
      try:
          import venv, ensurepip
      except ImportError:
          sys.exit(4)
      print(sys.version.split()[0], sys.base_prefix)
      """;

  private final Path home;
  private final Path requirements;
  private final String python;
  private final PrintWriter out;

  /**
   * Makes nothing yet.
   *
   * @param home the environment's folder
   * @param requirements what it holds, a lock with hashes
   * @param python the interpreter to make it with, a name on the path or a file
   * @param out told what takes long
   */
  VirtualEnvironment(Path home, Path requirements, String python, PrintWriter out) {
    this.home = home;
    this.requirements = requirements;
    this.python = python;
    this.out = out;
  }

  Path home() {
    return home;
  }

  /** A program of the environment. */
  Path program(String name) {
    return home.resolve("bin").resolve(name);
  }

  /**
   * Makes the environment unless it is there and right.
   *
   * @throws UserException when Python, its {@code venv} module or a package cannot be had; says
   *     what to do
   */
  void prepare() throws InterruptedException {
    Path seal = home.resolve("sealed");
    try {
      String wanted = fingerprint();
      if (Files.exists(seal) && Files.readString(seal).equals(wanted)) {
        return;
      }
      out.println(
          "Preparing JupyterLab and the Java kernel in "
              + EventPrinter.shown(home)
              + ": the first time, this fetches about 60 MB of Python packages.");
      out.flush();
      delete(home);
      Path log = home.resolve("install.log");
      Files.createDirectories(home);
      run(log, List.of(python, "-m", "venv", home.toString()));
      run(
          log,
          List.of(
              program("python").toString(),
              "-m",
              "pip",
              "install",
              "--disable-pip-version-check",
              "--no-input",
              "--retries=2",
              "--require-hashes",
              "--requirement=" + requirements));
      Files.writeString(seal, wanted);
    } catch (IOException e) {
      throw new UncheckedIOException("The virtual environment cannot be made in " + home, e);
    }
  }

  /** What the environment depends on: the Python it is made with and the packages asked for. */
  private String fingerprint() throws IOException, InterruptedException {
    Process probe;
    try {
      probe = new ProcessBuilder(python, "-c", PROBE).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UserException(
          "Notebooks need Python 3.10 or later, and no %s was found. Install it (%s)."
              .formatted(python, INSTALL),
          e);
    }
    String answer =
        new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int status = probe.waitFor();
    if (status == 3) {
      throw new UserException(
          "Notebooks need Python 3.10 or later, and %s is older. Install a newer one (%s)."
              .formatted(python, INSTALL));
    }
    if (status == 4) {
      throw new UserException(
          "Notebooks need Python's venv module, and %s lacks it. Install it (%s)."
              .formatted(python, INSTALL));
    }
    if (status != 0) {
      throw new UserException("%s does not work: %s".formatted(python, answer));
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(requirements));
      return answer + "\n" + HexFormat.of().formatHex(digest) + "\n";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run(Path log, List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Deque<String> last = new ArrayDeque<>();
    int packages = 0;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        PrintWriter copy = new PrintWriter(Files.newBufferedWriter(log), true)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        copy.println(line);
        last.addLast(line);
        if (last.size() > 10) {
          last.removeFirst();
        }
        if (line.startsWith("Collecting ") && ++packages % 20 == 0) {
          out.println("  " + packages + " packages");
          out.flush();
        } else if (line.startsWith("Installing collected packages")) {
          out.println("  installing " + packages + " packages");
          out.flush();
        }
      }
      if (process.waitFor() != 0) {
        throw new UserException(reason(log, last));
      }
    } finally {
      process.destroy();
    }
  }

  private static String reason(Path log, Collection<String> last) throws IOException {
    String text = Files.readString(log);
    boolean away =
        Stream.of("NewConnectionError", "ConnectTimeout", "ProxyError", "SSLError", "MaxRetryError")
            .anyMatch(text::contains);
    if (away) {
      return "pip cannot reach its package index. Look at the network and at pip's settings (pip"
          + " config list), then try again. The whole output is in "
          + log;
    }
    return "The Python packages cannot be installed; the whole output is in "
        + log
        + "\n"
        + String.join("\n", last).indent(2).stripTrailing();
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
