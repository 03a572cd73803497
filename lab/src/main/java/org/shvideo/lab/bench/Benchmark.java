package org.shvideo.lab.bench;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.measure.BenchmarkReport;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.worker.clip.ClipUnreadableException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that measures something in a temporary folder, until Ctrl-C, and prints a report. */
abstract class Benchmark implements Callable<Integer> {
  static final String CORE_PERCENT = "% of a core";

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  final BenchmarkReport report = new BenchmarkReport();

  /** Temporary. */
  Path folder;

  /** To sleep with. */
  ShutdownSignal shutdown;

  @Override
  public final Integer call() throws Exception {
    checkOptions();
    LogLevel.ERROR.apply();
    folder = Files.createTempDirectory("sh-video-bench");
    try (ShutdownSignal signal = new ShutdownSignal(spec.commandLine().getErr())) {
      shutdown = signal;
      try {
        measure();
      } finally {
        FileOperations.deleteTree(folder);
      }
    } catch (ClipUnreadableException e) {
      throw new UserException(e.getMessage(), e);
    }
    print(spec.commandLine().getOut(), asJson);
    return 0;
  }

  /** Reports invalid options with {@link #require}. */
  void checkOptions() {}

  /** Measures and fills the report. */
  abstract void measure() throws Exception;

  void print(PrintWriter out, boolean json) {
    report.print(spec.name(), out, json);
  }

  final void require(boolean valid, String option, Object value) {
    if (!valid) {
      throw new ParameterException(spec.commandLine(), option + " is too small: " + value);
    }
  }

  /** Tells the user what is done now. */
  final void progress(String activity) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("… " + activity);
    err.flush();
  }
}
