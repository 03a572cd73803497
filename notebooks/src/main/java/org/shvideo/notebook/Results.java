package org.shvideo.notebook;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;

/**
 * The detection log, read once, or a part of it: every narrowing gives a new one. Immutable.
 *
 * <p>A clip's time is when its recording began, in the time zone of this machine; of a line that
 * does not say, when the line was written.
 */
public final class Results implements View {
  private static final int HOURS = 24;

  /** More series in one chart cannot be told apart. */
  private static final int MOST_LABELS = 7;

  private final List<DetectionLine> lines;
  private final String nothing;
  private final long unreadable;

  private Results(List<DetectionLine> lines, String nothing, long unreadable) {
    this.lines = lines;
    this.nothing = nothing;
    this.unreadable = unreadable;
  }

  /** These lines, as if a log held them. */
  static Results of(List<DetectionLine> lines) {
    return new Results(List.copyOf(lines), "There are no lines.", 0);
  }

  /**
   * Reads the log. A missing or empty one is no error: every view says that there is nothing yet.
   *
   * @throws UncheckedIOException when the file cannot be read
   */
  static Results read(Path log) {
    if (!Files.exists(log)) {
      return new Results(
          List.of(),
          "There is no log yet (%s in the video folder): the worker writes it with its first clip."
                  .formatted(log.getFileName())
              + " Is VIDEO_DIR the folder that capture and worker use? SendProcessFile.ipynb"
              + " gives the worker something to do.",
          0);
    }
    List<DetectionLine> lines;
    try (Stream<DetectionLine> all = new DetectionLog(log).lines()) {
      lines = all.toList();
    }
    return new Results(
        lines,
        "The log (%s) is empty: no clip has been analysed yet.".formatted(log.getFileName()),
        written(log) - lines.size());
  }

  private static long written(Path log) {
    try (Stream<String> all = Files.lines(log, StandardCharsets.ISO_8859_1)) {
      return all.filter(line -> !line.isBlank()).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The lines, oldest first. */
  public List<DetectionLine> lines() {
    return lines;
  }

  public int size() {
    return lines.size();
  }

  /** Those recorded on that day. */
  public Results on(LocalDate day) {
    return narrowed(line -> time(line).toLocalDate().equals(day), "on " + day);
  }

  /** Those recorded within so long before now. */
  public Results last(Duration span) {
    LocalDateTime from = LocalDateTime.now(ZoneId.systemDefault()).minus(span);
    return narrowed(line -> !time(line).isBefore(from), "since " + Table.format(from));
  }

  /** Those in which the label was seen. */
  public Results with(String label) {
    return narrowed(line -> line.detected().contains(label), "with a " + label);
  }

  /** Those of that camera. */
  public Results from(String camera) {
    return narrowed(line -> camera(line).equals(camera), "from " + camera);
  }

  /** The lines of that clip: several where it was queued again. */
  public Results of(String filename) {
    return narrowed(line -> line.filename().equals(filename), "of " + filename);
  }

  /** A made-up log of a fortnight that ends today, to try this notebook with. */
  public static Results sample() {
    return of(SampleLog.lines(14, LocalDate.now(ZoneId.systemDefault()), 1));
  }

  /** The latest so many. */
  public Results latest(int count) {
    return new Results(
        lines.subList(Math.max(0, lines.size() - count), lines.size()), nothing, unreadable);
  }

  private Results narrowed(Predicate<DetectionLine> keep, String which) {
    return new Results(
        lines.stream().filter(keep).toList(),
        lines.isEmpty() ? nothing : "No clip " + which + ".",
        unreadable);
  }

  /** When its recording began, local time; when the line was written where that is not known. */
  public static LocalDateTime time(DetectionLine line) {
    if (line.recordedAt() != null) {
      return line.recordedAt().atZoneSameInstant(ZoneId.systemDefault()).toLocalDateTime();
    }
    return line.timestamp() == null ? LocalDateTime.MIN : line.timestamp();
  }

  private static String camera(DetectionLine line) {
    return line.camera() == null ? "unknown" : line.camera();
  }

  /** How much there is. */
  @Override
  public String text() {
    if (lines.isEmpty()) {
      return nothing + unreadableToo();
    }
    List<LocalDate> days = lines.stream().map(line -> time(line).toLocalDate()).sorted().toList();
    LocalDate from = days.get(0);
    LocalDate to = days.get(days.size() - 1);
    long cameras = lines.stream().map(Results::camera).distinct().count();
    long failed = lines.stream().filter(line -> !line.ok()).count();
    return "%s %s, %s%s.%s"
        .formatted(
            counted(lines.size(), "clip"),
            from.equals(to) ? "on " + from : "from " + from + " to " + to,
            counted(cameras, "camera"),
            failed > 0 ? ", " + failed + " could not be analysed" : "",
            unreadableToo());
  }

  private String unreadableToo() {
    return unreadable <= 0
        ? ""
        : " %s of the log could not be read and %s left out."
            .formatted(counted(unreadable, "line"), unreadable == 1 ? "is" : "are");
  }

  /** One row a clip, in the log's order. */
  public View table() {
    return table(Integer.MAX_VALUE);
  }

  /** The first so many rows of {@link #table()}. */
  public View table(int most) {
    return orNothing(
        () ->
            Table.of(lines)
                .column("recorded", Results::time)
                .column("camera", DetectionLine::camera)
                .column("clip", DetectionLine::filename)
                .column("seen", line -> line.ok() ? line.detected() : line.error())
                .column("length, s", DetectionLine::durationSeconds)
                .column("analysed in, s", DetectionLine::elapsedSeconds)
                .first(most));
  }

  /** What was seen, label by label. */
  public View labels() {
    record Seen(String label, List<DetectedObject> objects, long clips) {}
    Map<String, Long> clips = countedLabels();
    Map<String, List<DetectedObject>> objects =
        lines.stream()
            .filter(line -> line.objects() != null)
            .flatMap(line -> line.objects().stream())
            .collect(groupingBy(DetectedObject::label));
    List<Seen> seen =
        clips.entrySet().stream()
            .map(
                one ->
                    new Seen(
                        one.getKey(),
                        objects.getOrDefault(one.getKey(), List.of()),
                        one.getValue()))
            .toList();
    return orNothing(
        () ->
            Table.of(seen)
                .column("seen", Seen::label)
                .column("clips", Seen::clips)
                .column("confidence, median", one -> median(confidences(one.objects())))
                .column("least", one -> smallest(confidences(one.objects())))
                .column("greatest", one -> greatest(confidences(one.objects())))
                .column(
                    "most at once",
                    one ->
                        one.objects().stream()
                            .mapToInt(DetectedObject::maxAtOnce)
                            .boxed()
                            .max(Comparator.naturalOrder())
                            .orElse(null)));
  }

  /** Clips by the hour of the day in which they began. */
  public View byHour() {
    int[] hours = hours(lines);
    Map<String, Integer> bars = new LinkedHashMap<>();
    for (int hour = 0; hour < HOURS; hour++) {
      bars.put("%02d".formatted(hour), hours[hour]);
    }
    return orNothing(() -> Charts.bars("Clips by hour of the day", "hour", "clips", bars));
  }

  /** Clips of each day in which the most frequent labels were seen, a bar for each label. */
  public View labelsByDay() {
    return orNothing(
        () -> {
          Map<String, SortedMap<String, Long>> series = new LinkedHashMap<>();
          countedLabels().keySet().stream()
              .limit(MOST_LABELS)
              .forEach(label -> series.put(label, perDay(with(label).lines)));
          return series.isEmpty()
              ? new Note("Nothing was seen in these clips.")
              : Charts.stacked("What was seen, by day", "day", "clips", series);
        });
  }

  /** Clips of each day, by camera. */
  public View camerasByDay() {
    return orNothing(
        () -> {
          Map<String, SortedMap<String, Long>> series = new TreeMap<>();
          lines.stream()
              .map(Results::camera)
              .distinct()
              .forEach(camera -> series.put(camera, perDay(from(camera).lines)));
          return Charts.stacked("Clips by day and camera", "day", "clips", series);
        });
  }

  /** Clips by weekday and hour: when something happens. */
  public View busiestHours() {
    return orNothing(
        () -> {
          List<DayOfWeek> days = new ArrayList<>(List.of(DayOfWeek.values()));
          Collections.reverse(days); // the first row is drawn at the bottom
          List<int[]> rows =
              days.stream()
                  .map(
                      day ->
                          hours(
                              lines.stream()
                                  .filter(line -> time(line).getDayOfWeek() == day)
                                  .toList()))
                  .toList();
          List<String> names =
              days.stream()
                  .map(day -> day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH))
                  .toList();
          List<String> hours =
              Stream.iterate(0, hour -> hour + 1).limit(HOURS).map("%02d"::formatted).toList();
          return Charts.heat("Clips by weekday and hour", "hour", hours, names, rows);
        });
  }

  /** How sure the model was: how many times it was how sure of each clip's objects. */
  public View confidence() {
    return orNothing(
        () -> {
          int[] tenths = new int[20];
          confidences(
                  lines.stream()
                      .filter(line -> line.objects() != null)
                      .flatMap(line -> line.objects().stream())
                      .toList())
              .forEach(value -> tenths[(int) Math.min(tenths.length - 1, value * tenths.length)]++);
          Map<String, Integer> bars = new LinkedHashMap<>();
          for (int i = 0; i < tenths.length; i++) {
            if (tenths[i] > 0 || !bars.isEmpty()) {
              bars.put(String.format(Locale.ROOT, "%.2f", (double) i / tenths.length), tenths[i]);
            }
          }
          return bars.isEmpty()
              ? new Note("These lines tell no confidences: a prototype's, or nothing was seen.")
              : Charts.bars("Confidence of what was seen", "from", "objects", bars);
        });
  }

  /** The clips that could not be analysed, with the reason. */
  public View failures() {
    List<DetectionLine> failed = lines.stream().filter(line -> !line.ok()).toList();
    return orNothing(
        () ->
            failed.isEmpty()
                ? new Note("Every clip could be analysed.")
                : Table.of(failed)
                    .column("recorded", Results::time)
                    .column("clip", DetectionLine::filename)
                    .column("reason", DetectionLine::error));
  }

  /** How long after the end of the recording the line was there. */
  public View delay() {
    List<Double> seconds =
        lines.stream().map(Results::delaySeconds).filter(Objects::nonNull).sorted().toList();
    return orNothing(
        () -> {
          if (seconds.isEmpty()) {
            return new Note("These lines do not say when their clips were recorded.");
          }
          double width = Math.max(1, Math.ceil(seconds.get((seconds.size() - 1) * 95 / 100) / 20));
          int[] counts = new int[21];
          seconds.forEach(value -> counts[(int) Math.max(0, Math.min(20, value / width))]++);
          Map<String, Integer> bars = new LinkedHashMap<>();
          for (int i = 0; i < counts.length; i++) {
            bars.put((i == 20 ? "≥" : "") + Math.round(i * width), counts[i]);
          }
          return Charts.bars(
              String.format(
                  Locale.ROOT,
                  "From the end of a recording to its result: median %.0f s, 95 %% within %.0f s",
                  median(seconds),
                  seconds.get((seconds.size() - 1) * 95 / 100)),
              "seconds, from",
              "clips",
              bars);
        });
  }

  private static Double delaySeconds(DetectionLine line) {
    if (line.recordedAt() == null || line.durationSeconds() == null || line.timestamp() == null) {
      return null;
    }
    var end = line.recordedAt().plusNanos(Math.round(line.durationSeconds() * 1e9));
    return Duration.between(end, line.timestamp().atZone(ZoneId.systemDefault())).toMillis() / 1e3;
  }

  private View orNothing(Supplier<View> view) {
    return lines.isEmpty() ? this : view.get();
  }

  /** In how many clips each label was seen, the most frequent first. */
  private Map<String, Long> countedLabels() {
    Map<String, Long> clips =
        lines.stream()
            .flatMap(line -> line.detected().stream().distinct())
            .collect(groupingBy(Function.identity(), TreeMap::new, counting()));
    Map<String, Long> sorted = new LinkedHashMap<>();
    clips.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(one -> sorted.put(one.getKey(), one.getValue()));
    return sorted;
  }

  /** Of each day between the first and the last of all these lines, how many of the given. */
  private SortedMap<String, Long> perDay(List<DetectionLine> some) {
    SortedMap<String, Long> days = new TreeMap<>();
    List<LocalDate> all = lines.stream().map(line -> time(line).toLocalDate()).sorted().toList();
    all.get(0)
        .datesUntil(all.get(all.size() - 1).plusDays(1))
        .forEach(day -> days.put(day.toString(), 0L));
    some.forEach(line -> days.merge(time(line).toLocalDate().toString(), 1L, Long::sum));
    return days;
  }

  private static int[] hours(List<DetectionLine> some) {
    int[] hours = new int[HOURS];
    some.forEach(line -> hours[time(line).getHour()]++);
    return hours;
  }

  private static List<Double> confidences(List<DetectedObject> objects) {
    return objects.stream().map(DetectedObject::confidence).sorted().toList();
  }

  private static Double median(List<Double> sorted) {
    return sorted.isEmpty() ? null : sorted.get(sorted.size() / 2);
  }

  private static Double smallest(List<Double> sorted) {
    return sorted.isEmpty() ? null : sorted.get(0);
  }

  private static Double greatest(List<Double> sorted) {
    return sorted.isEmpty() ? null : sorted.get(sorted.size() - 1);
  }

  static String counted(long count, String thing) {
    return count + " " + thing + (count == 1 ? "" : "s");
  }

  @Override
  public String toString() {
    return text();
  }
}
