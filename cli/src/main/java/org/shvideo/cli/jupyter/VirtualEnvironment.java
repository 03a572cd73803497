package org.shvideo.cli.jupyter;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.shvideo.cli.pipeline.EventPrinter;
import org.shvideo.cli.pipeline.LogTail;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.files.FileOperations;

/**
 * A Python virtual environment with the pinned packages of a requirements file. It is created on
 * first use, and again when that file or the Python changed or its creation was interrupted.
 *
 * @param home the folder of the environment
 * @param requirements its packages, with hashes
 * @param python the interpreter to create it with, a command or a file
 * @param out gets the progress
 */
record VirtualEnvironment(Path home, Path requirements, String python, PrintWriter out) {
  private static final String INSTALL =
      "Debian, Ubuntu: apt install python3-venv; macOS: brew install python";

  /** Prints the version of Python; its exit status says what is missing. */
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

  /** A program in the environment. */
  Path program(String name) {
    return home.resolve("bin").resolve(name);
  }

  /**
   * Creates the environment unless it is up to date.
   *
   * @throws UserException when Python, its {@code venv} module or a package is not available
   */
  void prepare() throws InterruptedException {
    Path marker = home.resolve("sealed");
    try {
      String fingerprint = fingerprint();
      if (Files.exists(marker) && Files.readString(marker).equals(fingerprint)) {
        return;
      }
      out.println(
          "Preparing JupyterLab and the Java kernel in "
              + EventPrinter.displayPath(home)
              + ". The first time, this downloads about 60 MB of Python packages.");
      out.flush();
      FileOperations.deleteTree(home);
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
      Files.writeString(marker, fingerprint);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create the virtual environment in " + home, e);
    }
  }

  /** Identifies what the environment depends on: the Python and the requirements. */
  private String fingerprint() throws IOException, InterruptedException {
    Process probe;
    try {
      probe = new ProcessBuilder(python, "-c", PROBE).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UserException(
          "Notebooks need Python 3.10 or later, but no %s was found. Install it (%s)."
              .formatted(python, INSTALL),
          e);
    }
    String version =
        new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int status = probe.waitFor();
    if (status == 3) {
      throw new UserException(
          "Notebooks need Python 3.10 or later, but %s is older. Install a newer one (%s)."
              .formatted(python, INSTALL));
    }
    if (status == 4) {
      throw new UserException(
          "Notebooks need Python's venv module, but %s does not have it. Install it (%s)."
              .formatted(python, INSTALL));
    }
    if (status != 0) {
      throw new UserException("%s does not work: %s".formatted(python, version));
    }
    return version + "\n" + FileOperations.sha256(requirements) + "\n";
  }

  private void run(Path log, List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    int packages = 0;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        PrintWriter copy = new PrintWriter(Files.newBufferedWriter(log), true)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        copy.println(line);
        if (line.startsWith("Collecting ") && ++packages % 20 == 0) {
          out.println("  " + packages + " packages");
        } else if (line.startsWith("Installing collected packages")) {
          out.println("  installing " + packages + " packages");
        }
        out.flush();
      }
      if (process.waitFor() != 0) {
        throw new UserException(reason(log));
      }
    } finally {
      process.destroy();
    }
  }

  private static String reason(Path log) throws IOException {
    String output = Files.readString(log);
    boolean offline =
        Stream.of("NewConnectionError", "ConnectTimeout", "ProxyError", "SSLError", "MaxRetryError")
            .anyMatch(output::contains);
    return offline
        ? "pip cannot reach its package index. Check the network and pip's settings (pip config"
            + " list), then try again. For the whole output see "
            + log
        : "Cannot install the Python packages. For the whole output see %s\n%s"
            .formatted(log, LogTail.of(log));
  }
}
