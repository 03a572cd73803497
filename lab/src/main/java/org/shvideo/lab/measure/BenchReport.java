package org.shvideo.lab.measure;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.shvideo.tasks.json.Json;
import picocli.CommandLine.Model.CommandSpec;

/** What a benchmark measured, for people and for programs. Used by one thread. */
public final class BenchReport {
  /**
   * One thing measured several times.
   *
   * @param what is measured
   * @param unit of the numbers
   * @param target what it should reach, in words; empty where there is none
   */
  record Row(
      String what,
      String unit,
      double median,
      double min,
      double max,
      int repeats,
      String target) {}

  private record Machine(String processor, int cores, long memoryMib, String system, String java) {
    static Machine here() {
      Runtime runtime = Runtime.getRuntime();
      return new Machine(
          fromProc("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")),
          runtime.availableProcessors(),
          fromProc("/proc/meminfo", "MemTotal").map(BenchReport::kib).orElse(0L) / 1024,
          System.getProperty("os.name") + " " + System.getProperty("os.version"),
          Runtime.version().toString());
    }
  }

  private record Report(String benchmark, Machine machine, List<Row> rows) {}

  private final String benchmark;
  private final Machine machine = Machine.here();
  private final List<Row> rows = new ArrayList<>();

  public BenchReport(String benchmark) {
    this.benchmark = benchmark;
  }

  /** What Linux tells in a line {@code name: value} of that file; empty on other systems. */
  public static Optional<String> fromProc(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The number in {@code 1234 kB}. */
  public static long kib(String told) {
    return Long.parseLong(told.replaceAll("\\D", ""));
  }

  /** Tells somebody who waits what is measured now. */
  public static void say(CommandSpec spec, String what) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("… " + what);
    err.flush();
  }

  /** Adds what was measured; the median of the values counts. */
  public void add(String what, String unit, double[] values, String target) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    rows.add(
        new Row(what, unit, median, sorted[0], sorted[sorted.length - 1], sorted.length, target));
  }

  /** The median of what was added last. */
  public double last() {
    return rows.get(rows.size() - 1).median();
  }

  public void print(PrintWriter out, boolean asJson) throws IOException {
    if (asJson) {
      out.println(Json.write(new Report(benchmark, machine, rows)));
      return;
    }
    out.printf(
        "%s, %d cores, %d MiB, %s, Java %s%n%n",
        machine.processor(),
        machine.cores(),
        machine.memoryMib(),
        machine.system(),
        machine.java());
    out.println("| " + benchmark + " | median | min – max | of | target |");
    out.println("|---|---|---|---|---|");
    for (Row row : rows) {
      out.printf(
          "| %s | %s %s | %s – %s | %d | %s |%n",
          row.what(),
          shown(row.median()),
          row.unit(),
          shown(row.min()),
          shown(row.max()),
          row.repeats(),
          row.target());
    }
    out.flush();
  }

  /** Three significant digits: what a second run would confirm. Whole numbers were counted. */
  public static String shown(double value) {
    double size = Math.abs(value);
    if (size >= 100 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    if (size >= 10) {
      return String.format(Locale.ROOT, "%.1f", value);
    }
    return String.format(Locale.ROOT, size >= 1 ? "%.2f" : "%.3f", value);
  }
}
