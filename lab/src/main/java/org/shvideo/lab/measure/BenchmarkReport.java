package org.shvideo.lab.measure;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.shvideo.tasks.json.Json;

/** The results of a benchmark, for people and for programs. Not thread-safe. */
public final class BenchmarkReport {
  /** One measured quantity; the target is text, empty if there is none. */
  private record Row(
      String what,
      String unit,
      double median,
      double min,
      double max,
      int repeats,
      String target) {}

  private record Values(String unit, String target, List<Double> list) {
    Row row(String what) {
      double[] sorted = list.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      int count = sorted.length;
      double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
      return new Row(what, unit, median, sorted[0], sorted[count - 1], count, target);
    }
  }

  private record Machine(String processor, int cores, long memoryMib, String system, String java) {
    static Machine current() {
      return new Machine(
          ProcFile.value("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")),
          Runtime.getRuntime().availableProcessors(),
          (long) ProcFile.mebibytes("/proc/meminfo", "MemTotal").orElse(0),
          System.getProperty("os.name") + " " + System.getProperty("os.version"),
          Runtime.version().toString());
    }
  }

  private record Report(String benchmark, Machine machine, List<Row> rows) {}

  private final Machine machine = Machine.current();
  private final Map<String, Values> values = new LinkedHashMap<>();

  /** As the other, without a target. */
  public void add(String what, String unit, double value) {
    add(what, unit, value, "");
  }

  /** Adds a value to a row, which is created by its first value. */
  public void add(String what, String unit, double value, String target) {
    values
        .computeIfAbsent(what, name -> new Values(unit, target, new ArrayList<>()))
        .list()
        .add(value);
  }

  public void add(String what, String unit, List<Double> all, String target) {
    all.forEach(value -> add(what, unit, value, target));
  }

  public double median(String what) {
    return values.get(what).row(what).median();
  }

  /** Prints a Markdown table, or JSON. */
  public void print(String benchmark, PrintWriter out, boolean asJson) {
    List<Row> rows = values.entrySet().stream().map(e -> e.getValue().row(e.getKey())).toList();
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
          format(row.median()),
          row.unit(),
          format(row.min()),
          format(row.max()),
          row.repeats(),
          row.target());
    }
    out.flush();
  }

  /** The value with three significant digits; integers in full. */
  public static String format(double value) {
    double size = Math.abs(value);
    if (size >= 100 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
  }
}
