package org.shvideo.notebook.results;

import static java.util.stream.Collectors.groupingBy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.shvideo.notebook.view.BarChart;
import org.shvideo.notebook.view.RowChart;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.log.DetectionLine;

/** Draws the log. Charts over time take the latest line of each clip, each with a time. */
final class ResultCharts {
  static final Text NO_DETECTIONS = new Text("Nothing was detected in these clips.");
  static final Text NO_TIMES = new Text("The log does not say when these clips were recorded.");

  private static final int HOURS = 24;
  private static final int MAX_LABELS = 12;
  private static final int CONFIDENCE_BINS = 20;
  private static final int DELAY_BINS = 20;

  private ResultCharts() {}

  static View byHour(List<DetectionLine> clips) {
    return BarChart.of(
        "Clips by hour of the day", "hour", "clips", bars("%02d"::formatted, hours(clips)));
  }

  static View busiestHours(List<DetectionLine> clips) {
    List<DayOfWeek> days = List.of(DayOfWeek.values());
    return RowChart.heatMap(
        "Clips by weekday and hour",
        "hour",
        IntStream.range(0, HOURS).mapToObj("%02d"::formatted).toList(),
        days.stream().map(day -> day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH)).toList(),
        days.stream()
            .map(day -> clips.stream().filter(line -> LogLines.day(line).getDayOfWeek() == day))
            .map(some -> hours(some.toList()))
            .toList());
  }

  private static int[] hours(List<DetectionLine> clips) {
    int[] hours = new int[HOURS];
    clips.forEach(line -> hours[LogLines.time(line).getHour()]++);
    return hours;
  }

  static View labelsByDay(List<DetectionLine> clips) {
    List<String> labels = LogLines.labelCounts(clips).keySet().stream().limit(MAX_LABELS).toList();
    if (labels.isEmpty()) {
      return NO_DETECTIONS;
    }
    TimeBins bins = TimeBins.of(clips);
    return RowChart.heatMap(
        "Clips by label and " + bins.unitName(),
        bins.unitName(),
        bins.names(),
        labels,
        labels.stream()
            .map(label -> clips.stream().filter(line -> line.detected().contains(label)))
            .map(some -> bins.counts(some.toList()))
            .toList());
  }

  static View camerasByDay(List<DetectionLine> clips) {
    TimeBins bins = TimeBins.of(clips);
    Map<String, Map<String, Integer>> series = new TreeMap<>();
    clips.stream()
        .collect(groupingBy(LogLines::camera))
        .forEach((camera, some) -> series.put(camera, bars(bins.names()::get, bins.counts(some))));
    return BarChart.stacked(
        "Clips by %s and camera".formatted(bins.unitName()), bins.unitName(), "clips", series);
  }

  static View confidence(List<DetectionLine> clips) {
    int[] counts = new int[CONFIDENCE_BINS];
    LogLines.objects(clips)
        .mapToInt(object -> (int) (object.confidence() * CONFIDENCE_BINS))
        .forEach(bin -> counts[Math.max(0, Math.min(bin, CONFIDENCE_BINS - 1))]++);
    int first =
        IntStream.range(0, counts.length).filter(bin -> counts[bin] > 0).findFirst().orElse(-1);
    return first < 0
        ? new Text("These clips have no confidences: nothing was detected, or not logged.")
        : BarChart.of(
            "Confidence of detections",
            "confidence, from",
            "objects",
            bars(
                bin -> String.format(Locale.ROOT, "%.2f", (double) (first + bin) / counts.length),
                Arrays.copyOfRange(counts, first, counts.length)));
  }

  /** From the end of each recording to its first line; in seconds, minutes or hours. */
  static View delay(List<DetectionLine> lines) {
    Map<String, Double> first = new HashMap<>();
    lines.stream()
        .filter(line -> line.recordedAt() != null)
        .filter(line -> line.durationSeconds() != null && line.timestamp() != null)
        .forEach(line -> first.putIfAbsent(line.filename(), delaySeconds(line)));
    if (first.isEmpty()) {
      return NO_TIMES;
    }
    List<Double> seconds = first.values().stream().sorted().toList();
    double most = LogLines.quantile(seconds, 0.95);
    double unit = most < 120 ? 1 : most < 7200 ? 60 : 3600;
    String name = unit == 1 ? "seconds" : unit == 60 ? "minutes" : "hours";
    int width = (int) Math.max(1, Math.ceil(most / unit / DELAY_BINS));
    int last = (int) Math.max(0, most / unit / width) + 1; // for all longer delays
    int[] counts = new int[last + 1];
    seconds.forEach(value -> counts[(int) Math.max(0, Math.min(last, value / unit / width))]++);
    return BarChart.of(
        String.format(
            Locale.ROOT,
            "Delay from the end of a recording to its result: median %.0f %s, 95 %% within %.0f",
            LogLines.quantile(seconds, 0.5) / unit,
            name,
            Math.ceil(most / unit)),
        name + ", from",
        "clips",
        bars(bin -> (bin == last ? "≥" : "") + bin * width, counts));
  }

  private static double delaySeconds(DetectionLine line) {
    var end = line.recordedAt().plusNanos(Math.round(line.durationSeconds() * 1e9));
    return Duration.between(end, line.timestamp().atZone(ZoneId.systemDefault())).toMillis() / 1e3;
  }

  private static Map<String, Integer> bars(IntFunction<String> name, int[] counts) {
    Map<String, Integer> bars = new LinkedHashMap<>();
    for (int bin = 0; bin < counts.length; bin++) {
      bars.put(name.apply(bin), counts[bin]);
    }
    return bars;
  }

  /**
   * The days along a chart's axis, without gaps: in one bin or more, of days. Months or years where
   * there are too many days, as in a long log or with a camera whose clock was never set and says
   * 1970.
   */
  private record TimeBins(ChronoUnit unit, LocalDate first, int count) {
    private static final int MAX_BINS = 62;

    /** Bins for all these lines, of which there are one or more, each with a time. */
    static TimeBins of(List<DetectionLine> lines) {
      List<LocalDate> days = lines.stream().map(LogLines::day).toList();
      LocalDate from = Collections.min(days);
      LocalDate to = Collections.max(days);
      ChronoUnit unit = ChronoUnit.DAYS;
      if (unit.between(from, to) >= MAX_BINS) {
        unit = ChronoUnit.MONTHS;
        from = from.withDayOfMonth(1);
      }
      if (unit.between(from, to) >= MAX_BINS) {
        unit = ChronoUnit.YEARS;
        from = from.withDayOfYear(1);
      }
      return new TimeBins(unit, from, (int) unit.between(from, to) + 1);
    }

    /** Day, month or year. */
    String unitName() {
      return unit == ChronoUnit.DAYS ? "day" : unit == ChronoUnit.MONTHS ? "month" : "year";
    }

    /** The names of the bins, all different. */
    List<String> names() {
      String pattern =
          unit == ChronoUnit.DAYS ? "d MMM" : unit == ChronoUnit.MONTHS ? "MMM uuuu" : "uuuu";
      DateTimeFormatter format = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
      return LongStream.range(0, count)
          .mapToObj(bin -> format.format(first.plus(bin, unit)))
          .toList();
    }

    int[] counts(List<DetectionLine> lines) {
      int[] counts = new int[count];
      lines.forEach(line -> counts[(int) unit.between(first, LogLines.day(line))]++);
      return counts;
    }
  }
}
