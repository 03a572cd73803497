package org.shvideo.tasks.monitoring;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Prometheus' text format 0.0.4 as strictly as its description allows, and holds names to
 * Prometheus' conventions: throws {@link AssertionError} at the first line that breaks a rule.
 */
public final class PrometheusText {
  private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
  private static final Pattern META = Pattern.compile("# (HELP|TYPE) (" + NAME + ") (.+)");
  private static final Pattern SAMPLE =
      Pattern.compile("(" + NAME + ")(?:\\{(.*)})? (NaN|[+-]Inf|-?[0-9.]+(?:[eE][+-]?[0-9]+)?)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");
  private static final Set<String> TYPES =
      Set.of("counter", "gauge", "summary", "histogram", "untyped");

  private final Map<String, Family> families = new LinkedHashMap<>();

  private PrometheusText() {}

  /** All samples of one metric. */
  public record Family(String name, String type, String help, List<Sample> samples) {}

  /** One line. */
  public record Sample(String name, Map<String, String> labels, double value) {}

  public static PrometheusText parse(String text) {
    check(text.endsWith("\n"), "the last line ends", text);
    PrometheusText read = new PrometheusText();
    Set<String> seen = new HashSet<>();
    String help = null;
    Family family = null;
    for (String line : text.split("\n", -1)) {
      Matcher meta = META.matcher(line);
      if (line.isEmpty()) {
        continue;
      }
      if (line.startsWith("# HELP")) {
        check(meta.matches(), "HELP has a name and a text", line);
        check(!read.families.containsKey(meta.group(2)), "a metric comes once", line);
        help = line;
      } else if (line.startsWith("# TYPE")) {
        check(meta.matches() && TYPES.contains(meta.group(3)), "a known type", line);
        check(help != null && help.startsWith("# HELP " + meta.group(2) + " "), "HELP first", line);
        family =
            new Family(
                meta.group(2),
                meta.group(3),
                help.substring(("# HELP " + meta.group(2) + " ").length()),
                new ArrayList<>());
        conventions(family, line);
        read.families.put(family.name(), family);
        help = null;
      } else {
        Sample sample = sample(line);
        check(family != null && belongs(sample.name(), family), "beside its TYPE", line);
        check(seen.add(sample.name() + sample.labels()), "no sample twice", line);
        check(!family.type().equals("counter") || sample.value() >= 0, "a counter from 0 on", line);
        family.samples().add(sample);
      }
    }
    read.families.values().forEach(f -> check(!f.samples().isEmpty(), "has samples", f.name()));
    return read;
  }

  private static void conventions(Family family, String line) {
    check(family.name().matches("[a-z][a-z0-9_]*"), "snake case", line);
    check(
        family.type().equals("counter") == family.name().endsWith("_total"),
        "_total for counters alone",
        line);
    check(
        !family.name().matches(".*_(ms|millis|minutes|hours|kb|mb|mib|percent)(_.*)?"),
        "seconds, bytes, ratios",
        line);
  }

  private static boolean belongs(String sample, Family family) {
    String name = family.name();
    return sample.equals(name)
        || (Set.of("summary", "histogram").contains(family.type())
            && Set.of(name + "_sum", name + "_count", name + "_bucket").contains(sample));
  }

  private static Sample sample(String line) {
    Matcher sample = SAMPLE.matcher(line);
    check(sample.matches(), "a sample", line);
    Map<String, String> labels = new TreeMap<>();
    String rest = sample.group(2) == null ? "" : sample.group(2);
    Matcher label = LABEL.matcher(rest);
    int end = 0;
    while (end < rest.length()) {
      check(label.find(end) && label.start() == end, "a label", line);
      check(labels.put(label.group(1), label.group(2)) == null, "no label twice", line);
      end = label.end();
    }
    return new Sample(
        sample.group(1), labels, Double.parseDouble(sample.group(3).replace("Inf", "Infinity")));
  }

  private static void check(boolean holds, String rule, String line) {
    if (!holds) {
      throw new AssertionError("Not so: " + rule + ", in: " + line);
    }
  }

  public Map<String, Family> families() {
    return families;
  }

  /**
   * The one sample of that name and exactly these labels.
   *
   * @param labels names and values by turns
   */
  public double value(String name, String... labels) {
    Map<String, String> wanted = new TreeMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      wanted.put(labels[i], labels[i + 1]);
    }
    return families.values().stream()
        .flatMap(family -> family.samples().stream())
        .filter(sample -> sample.name().equals(name) && sample.labels().equals(wanted))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + wanted + " in " + families.keySet()))
        .value();
  }
}
