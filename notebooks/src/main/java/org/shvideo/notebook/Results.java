package org.shvideo.notebook;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.io.UncheckedIOException;
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
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.log.LogEntry;

/**
 * The detection log, read once, or a part of it: every narrowing gives a new one. Immutable.
 *
 * <p>A clip that was analysed again has several lines, and the latest counts: it is one clip in
 * every number and chart. Tables show all lines.
 *
 * <p>A clip's time is when its recording began, in the time zone of this machine; of a line that
 * does not say, when the line was written.
 */
public final class Results implements View {
  private static final int HOURS = 24;

  private static final int MOST_LABELS = 12;
  private static final int MOST_NAMED = 10;
  private static final Text NOTHING_SEEN = new Text("Nothing was seen in these clips.");

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
    return new Results(
        completed(lines), "There are no clips here. Results.sample() has some, made up.", 0);
  }

  /**
   * Reads the log. A missing or empty one is no error: every view says that there is nothing yet.
   *
   * @throws UncheckedIOException when it cannot be read
   */
  static Results read(DetectionLog log) {
    List<DetectionLine> lines = new ArrayList<>();
    long unreadable = 0;
    try (Stream<LogEntry> all = log.entries()) {
      for (Iterator<LogEntry> entries = all.iterator(); entries.hasNext(); ) {
        LogEntry entry = entries.next();
        if (entry.line().isPresent()) {
          lines.add(entry.line().get());
        } else {
          unreadable++;
        }
      }
    }
    return new Results(completed(lines), nothing(log.file()), unreadable);
  }

  private static String nothing(Path log) {
    return Files.exists(log)
        ? "The log (%s) is empty: no clip has been analysed yet. SendProcessFile.ipynb gives the worker something to do."
            .formatted(log.getFileName())
        : "There is no log yet (%s in the video folder): the worker writes it with its first clip."
                .formatted(log.getFileName())
            + " Is VIDEO_DIR the folder that capture and worker use? SendProcessFile.ipynb"
            + " gives the worker something to do.";
  }

  /** A clip that was queued again by its name alone was still recorded where and when it was. */
  private static List<DetectionLine> completed(List<DetectionLine> lines) {
    Map<String, DetectionLine> known = new HashMap<>();
    lines.stream()
        .filter(line -> line.recordedAt() != null)
        .forEach(line -> known.putIfAbsent(line.filename(), line));
    return lines.stream()
        .map(
            line ->
                line.recordedAt() == null && known.containsKey(line.filename())
                    ? recorded(line, known.get(line.filename()))
                    : line)
        .toList();
  }

  private static DetectionLine recorded(DetectionLine line, DetectionLine as) {
    return line.toBuilder()
        .recorded(line.camera() == null ? as.camera() : line.camera(), as.recordedAt())
        .build();
  }

  /** All lines, oldest first; a clip that was queued again has several. */
  public List<DetectionLine> lines() {
    return lines;
  }

  /** How many clips. */
  public int size() {
    return clips().size();
  }

  /** Those recorded on that day. */
  public Results on(LocalDate day) {
    return narrowed(lines, line -> day.equals(day(line)), "on " + day, "");
  }

  /** Those recorded within so long before now. */
  public Results last(Duration span) {
    LocalDateTime from = LocalDateTime.now(ZoneId.systemDefault()).minus(span);
    return narrowed(
        lines,
        line -> time(line) != null && !time(line).isBefore(from),
        "since " + Table.format(from),
        "");
  }

  /** Those in which the label was seen, by the latest line of each. */
  public Results with(String label) {
    return narrowed(
        clips(),
        line -> line.detected().contains(label),
        "with label \"%s\"".formatted(label),
        some("Labels: ", countedLabels().keySet().stream()));
  }

  /** Those of that camera. */
  public Results from(String camera) {
    return narrowed(
        lines,
        line -> camera(line).equals(camera),
        "from camera \"%s\"".formatted(camera),
        some("Cameras: ", lines.stream().map(Results::camera).distinct().sorted()));
  }

  /** The lines of that clip: several where it was queued again. */
  public Results of(String filename) {
    return narrowed(
        lines,
        line -> line.filename().equals(filename),
        "named \"%s\"".formatted(filename),
        " SendProcessFile.ipynb has it analysed.");
  }

  /** A made-up log of a fortnight that ends now, to try this notebook with. */
  public static Results sample() {
    LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
    return of(
        SampleLog.lines(14, now.toLocalDate(), 1).stream()
            .filter(line -> line.timestamp().isBefore(now))
            .toList());
  }

  /** The latest so many lines, at least one. */
  public Results latest(int count) {
    return new Results(
        lines.subList(Math.max(0, lines.size() - Math.max(1, count)), lines.size()),
        nothing,
        unreadable);
  }

  private Results narrowed(
      List<DetectionLine> some, Predicate<DetectionLine> keep, String which, String instead) {
    return new Results(
        some.stream().filter(keep).toList(),
        lines.isEmpty() ? nothing : "No clip %s among %s.%s".formatted(which, counted(), instead),
        unreadable);
  }

  private static String some(String what, Stream<String> names) {
    List<String> all = names.limit(MOST_NAMED + 1L).toList();
    String listed = String.join(", ", all.subList(0, Math.min(MOST_NAMED, all.size())));
    return all.isEmpty() ? "" : " " + what + listed + (all.size() > MOST_NAMED ? " …" : ".");
  }

  /** The latest line of each clip: what counts. */
  private List<DetectionLine> clips() {
    Map<String, DetectionLine> latest = new LinkedHashMap<>();
    for (DetectionLine line : lines) {
      latest.remove(line.filename()); // so that it stands where its latest line does
      latest.put(line.filename(), line);
    }
    return List.copyOf(latest.values());
  }

  /**
   * When its recording began, local time; when the line was written where that is not known; null
   * where the line does not say either.
   */
  public static LocalDateTime time(DetectionLine line) {
    return line.recordedAt() == null
        ? line.timestamp()
        : line.recordedAt().atZoneSameInstant(ZoneId.systemDefault()).toLocalDateTime();
  }

  private static LocalDate day(DetectionLine line) {
    LocalDateTime time = time(line);
    return time == null ? null : time.toLocalDate();
  }

  private static String camera(DetectionLine line) {
    return line.camera() == null ? "unknown" : line.camera();
  }

  /** How much there is. */
  @Override
  public String text() {
    return lines.isEmpty() ? nothing + unreadableToo() : counted() + "." + unreadableToo();
  }

  private String counted() {
    List<LocalDate> days = lines.stream().map(Results::day).filter(Objects::nonNull).toList();
    List<DetectionLine> clips = clips();
    StringBuilder text = new StringBuilder(counted(clips.size(), "clip"));
    if (lines.size() > clips.size()) {
      text.append(" (").append(lines.size()).append(" lines: some were analysed again)");
    }
    if (!days.isEmpty()) {
      LocalDate from = Collections.min(days);
      LocalDate to = Collections.max(days);
      text.append(from.equals(to) ? " on " + from : " from " + from + " to " + to);
    }
    text.append(", ")
        .append(counted(clips.stream().map(Results::camera).distinct().count(), "camera"));
    long failed = clips.stream().filter(line -> !line.ok()).count();
    return text.append(failed > 0 ? ", " + failed + " could not be analysed" : "").toString();
  }

  private String unreadableToo() {
    return unreadable <= 0
        ? ""
        : " %s of the log could not be read and %s left out."
            .formatted(counted(unreadable, "line"), unreadable == 1 ? "is" : "are");
  }

  /** One row a line, in the log's order. */
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
    record Label(String name, long clips, List<DetectedObject> objects) {
      List<Double> confidences() {
        return objects.stream().map(DetectedObject::confidence).sorted().toList();
      }
    }
    Map<String, List<DetectedObject>> objects =
        objects().collect(groupingBy(DetectedObject::label));
    List<Label> labels = new ArrayList<>();
    countedLabels()
        .forEach(
            (name, clips) ->
                labels.add(new Label(name, clips, objects.getOrDefault(name, List.of()))));
    return orNothing(
        () ->
            labels.isEmpty()
                ? NOTHING_SEEN
                : Table.of(labels)
                    .column("seen", Label::name)
                    .column("clips", Label::clips)
                    .column("confidence, median", label -> at(label.confidences(), 0.5))
                    .column("least", label -> at(label.confidences(), 0))
                    .column("greatest", label -> at(label.confidences(), 1))
                    .column(
                        "most at once",
                        label ->
                            label.objects().stream()
                                .map(DetectedObject::maxAtOnce)
                                .max(Comparator.naturalOrder())
                                .orElse(null)));
  }

  /** Clips by the hour of the day in which they began. */
  public View byHour() {
    return overTime(
        clips -> {
          int[] hours = hours(clips);
          Map<String, Integer> bars = new LinkedHashMap<>();
          for (int hour = 0; hour < HOURS; hour++) {
            bars.put("%02d".formatted(hour), hours[hour]);
          }
          return Charts.bars("Clips by hour of the day", "hour", "clips", bars);
        });
  }

  /** In how many clips of each day each of the most frequent labels was seen. */
  public View labelsByDay() {
    return overTime(
        clips -> {
          List<String> labels = countedLabels().keySet().stream().limit(MOST_LABELS).toList();
          TimeBins period = TimeBins.of(clips.stream().map(Results::day).toList());
          List<int[]> rows =
              labels.stream()
                  .map(
                      label ->
                          period.count(
                              clips.stream()
                                  .filter(line -> line.detected().contains(label))
                                  .map(Results::day)))
                  .toList();
          return labels.isEmpty()
              ? NOTHING_SEEN
              : Charts.heat(
                  "In how many clips each was seen, by " + period.name(),
                  period.name(),
                  period.names(),
                  labels,
                  rows);
        });
  }

  /** Clips of each day, by camera. */
  public View camerasByDay() {
    return overTime(
        clips -> {
          TimeBins period = TimeBins.of(clips.stream().map(Results::day).toList());
          Map<String, Map<String, Integer>> series = new TreeMap<>();
          clips.stream()
              .collect(groupingBy(Results::camera))
              .forEach(
                  (camera, its) -> {
                    int[] counts = period.count(its.stream().map(Results::day));
                    Map<String, Integer> bars = new LinkedHashMap<>();
                    for (int i = 0; i < counts.length; i++) {
                      bars.put(period.names().get(i), counts[i]);
                    }
                    series.put(camera, bars);
                  });
          return Charts.stacked(
              "Clips by %s and camera".formatted(period.name()), period.name(), "clips", series);
        });
  }

  /** Clips by weekday and hour: when something happens. */
  public View busiestHours() {
    return overTime(
        clips ->
            Charts.heat(
                "Clips by weekday and hour",
                "hour",
                IntStream.range(0, HOURS).mapToObj("%02d"::formatted).toList(),
                Stream.of(DayOfWeek.values())
                    .map(day -> day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH))
                    .toList(),
                Stream.of(DayOfWeek.values())
                    .map(
                        day ->
                            hours(
                                clips.stream()
                                    .filter(line -> day(line).getDayOfWeek() == day)
                                    .toList()))
                    .toList()));
  }

  /** How sure the model was: how many times it was how sure of each clip's objects. */
  public View confidence() {
    return orNothing(
        () -> {
          int[] twentieths = new int[20];
          objects()
              .mapToInt(object -> (int) (object.confidence() * twentieths.length))
              .forEach(bin -> twentieths[Math.max(0, Math.min(bin, twentieths.length - 1))]++);
          Map<String, Integer> bars = new LinkedHashMap<>();
          for (int i = 0; i < twentieths.length; i++) {
            if (twentieths[i] > 0 || !bars.isEmpty()) {
              bars.put(String.format(Locale.ROOT, "%.2f", i / 20.0), twentieths[i]);
            }
          }
          return bars.isEmpty()
              ? new Text("These lines tell no confidences: a prototype's, or nothing was seen.")
              : Charts.bars("Confidence of what was seen", "confidence, from", "objects", bars);
        });
  }

  /** The clips that could not be analysed, with the reason. */
  public View failures() {
    List<DetectionLine> failed = clips().stream().filter(line -> !line.ok()).toList();
    return orNothing(
        () ->
            failed.isEmpty()
                ? new Text("Every clip could be analysed.")
                : Table.of(failed)
                    .column("recorded", Results::time)
                    .column("clip", DetectionLine::filename)
                    .column("reason", DetectionLine::error));
  }

  /** How long after the end of the recording the first line of each clip was there. */
  public View delay() {
    Map<String, Double> first = new HashMap<>();
    for (DetectionLine line : lines) {
      Double seconds = delaySeconds(line);
      if (seconds != null) {
        first.putIfAbsent(line.filename(), seconds);
      }
    }
    List<Double> sorted = first.values().stream().sorted().toList();
    return orNothing(
        () ->
            sorted.isEmpty()
                ? new Text("These lines do not say when their clips were recorded.")
                : delays(sorted));
  }

  /** In seconds, minutes or hours, whichever says it in small numbers. */
  private static View delays(List<Double> seconds) {
    double most = at(seconds, 0.95);
    double unit = most < 120 ? 1 : most < 7200 ? 60 : 3600;
    String name = unit == 1 ? "seconds" : unit == 60 ? "minutes" : "hours";
    int width = (int) Math.max(1, Math.ceil(most / unit / 20));
    int last = (int) Math.max(0, most / unit / width) + 1; // what took longer still
    int[] counts = new int[last + 1];
    seconds.forEach(value -> counts[(int) Math.max(0, Math.min(last, value / unit / width))]++);
    Map<String, Integer> bars = new LinkedHashMap<>();
    for (int i = 0; i < last; i++) {
      bars.put(Integer.toString(i * width), counts[i]);
    }
    bars.put("≥" + last * width, counts[last]);
    return Charts.bars(
        String.format(
            Locale.ROOT,
            "From the end of a recording to its result: median %.0f %s, 95 %% within %.0f",
            at(seconds, 0.5) / unit,
            name,
            Math.ceil(most / unit)),
        name + ", from",
        "clips",
        bars);
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

  /** Of the clips of which it is known when they were recorded. */
  private View overTime(Function<List<DetectionLine>, View> view) {
    List<DetectionLine> timed = clips().stream().filter(line -> time(line) != null).toList();
    return orNothing(
        () ->
            timed.isEmpty()
                ? new Text("These lines do not say when their clips were recorded.")
                : view.apply(timed));
  }

  private Stream<DetectedObject> objects() {
    return clips().stream()
        .filter(line -> line.objects() != null)
        .flatMap(line -> line.objects().stream());
  }

  /** In how many clips each label was seen, the most frequent first. */
  private Map<String, Long> countedLabels() {
    Map<String, Long> clips =
        clips().stream()
            .flatMap(line -> line.detected().stream().distinct())
            .collect(groupingBy(Function.identity(), TreeMap::new, counting()));
    Map<String, Long> sorted = new LinkedHashMap<>();
    clips.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(one -> sorted.put(one.getKey(), one.getValue()));
    return sorted;
  }

  private static int[] hours(List<DetectionLine> some) {
    int[] hours = new int[HOURS];
    some.forEach(line -> hours[time(line).getHour()]++);
    return hours;
  }

  /** The value below which that share of them is; null of none. */
  private static Double at(List<Double> sorted, double share) {
    return sorted.isEmpty() ? null : sorted.get((int) Math.round(share * (sorted.size() - 1)));
  }

  static String counted(long count, String thing) {
    return count + " " + thing + (count == 1 ? "" : "s");
  }

  @Override
  public String toString() {
    return text();
  }
}
