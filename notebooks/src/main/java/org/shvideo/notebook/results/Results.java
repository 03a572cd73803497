package org.shvideo.notebook.results;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.log.LogEntry;

/**
 * The detection log, read once, or a part of it: every filter returns a new one. Immutable.
 *
 * <p>A clip that was analysed again has several lines. Tables show all of them; counts and charts
 * use the latest.
 *
 * <p>A clip's time is when its recording began, in the time zone of this machine, or when its line
 * was written where that is not logged.
 */
public final class Results extends View {
  private static final int SAMPLE_DAYS = 14;

  private final List<DetectionLine> lines;
  private final String emptyMessage;
  private final long unreadable;

  /** The latest line of each clip, once something asked for them. */
  private volatile List<DetectionLine> clips;

  private Results(List<DetectionLine> lines, String emptyMessage, long unreadable) {
    this.lines = lines;
    this.emptyMessage = emptyMessage;
    this.unreadable = unreadable;
  }

  /** These lines, as if a log held them. */
  static Results of(List<DetectionLine> lines) {
    return new Results(withRecordings(lines), "There are no clips.", 0);
  }

  /**
   * Reads the log. A missing or empty one is no error: every view then says that it is empty.
   *
   * @throws UncheckedIOException when it cannot be read
   */
  public static Results read(DetectionLog log) {
    AtomicLong unreadable = new AtomicLong();
    List<DetectionLine> lines;
    try (Stream<LogEntry<DetectionLine>> entries = log.entries()) {
      lines =
          entries
              .parallel()
              .<DetectionLine>mapMulti(
                  (entry, next) -> entry.line().ifPresentOrElse(next, unreadable::incrementAndGet))
              .toList();
    }
    String emptyMessage =
        (Files.exists(log.file())
                ? "The log (%s) is empty: no clip has been analysed yet."
                : "There is no log yet (%s): the worker creates it with its first clip. Check that"
                    + " VIDEO_DIR is the folder that capture and worker use.")
            .formatted(log.file().getFileName());
    return new Results(
        withRecordings(lines),
        emptyMessage + " Analyse one with SendProcessFile.ipynb.",
        unreadable.get());
  }

  /** A made-up log of the past two weeks, to try the notebook with. */
  public static Results sample() {
    return of(SampleLog.lines(SAMPLE_DAYS));
  }

  /** A clip that was queued again by its name alone has its camera and time in an earlier line. */
  private static List<DetectionLine> withRecordings(List<DetectionLine> lines) {
    Set<String> wanted =
        lines.stream()
            .filter(line -> line.recordedAt() == null)
            .map(DetectionLine::filename)
            .collect(toSet());
    if (wanted.isEmpty()) {
      return lines;
    }
    Map<String, DetectionLine> recorded = new HashMap<>();
    lines.stream()
        .filter(line -> line.recordedAt() != null && wanted.contains(line.filename()))
        .forEach(line -> recorded.putIfAbsent(line.filename(), line));
    return lines.stream().map(line -> withRecording(line, recorded.get(line.filename()))).toList();
  }

  private static DetectionLine withRecording(DetectionLine line, DetectionLine recorded) {
    if (line.recordedAt() != null || recorded == null) {
      return line;
    }
    String camera = line.camera() == null ? recorded.camera() : line.camera();
    return line.toBuilder().recorded(camera, recorded.recordedAt()).build();
  }

  /** All lines, oldest first. */
  public List<DetectionLine> lines() {
    return lines;
  }

  /** The number of clips. */
  public int size() {
    return clips().size();
  }

  /** The clips recorded on that day. */
  public Results on(LocalDate day) {
    return filtered(lines, line -> day.equals(LogLines.day(line)), "on " + day, "");
  }

  /** The clips recorded since so long ago. */
  public Results last(Duration span) {
    LocalDateTime from = LocalDateTime.now(ZoneId.systemDefault()).minus(span);
    return filtered(
        lines,
        line -> LogLines.time(line) != null && !LogLines.time(line).isBefore(from),
        "since " + Table.format(from),
        "");
  }

  /** The clips in whose latest line this label is. */
  public Results with(String label) {
    return filtered(
        clips(),
        line -> line.detected().contains(label),
        "with label \"%s\"".formatted(label),
        " Labels: %s.".formatted(Text.list(List.copyOf(LogLines.labelCounts(clips()).keySet()))));
  }

  /** The clips of that camera. */
  public Results from(String camera) {
    return filtered(
        lines,
        line -> LogLines.camera(line).equals(camera),
        "from camera \"%s\"".formatted(camera),
        " Cameras: %s."
            .formatted(
                Text.list(lines.stream().map(LogLines::camera).distinct().sorted().toList())));
  }

  /** The lines of that clip. */
  public Results of(String filename) {
    return filtered(
        lines,
        line -> line.filename().equals(filename),
        "named \"%s\"".formatted(filename),
        " Analyse it with SendProcessFile.ipynb.");
  }

  /** The latest lines, at least one. */
  public Results latest(int count) {
    int from = Math.max(0, lines.size() - Math.max(1, count));
    return new Results(lines.subList(from, lines.size()), emptyMessage, unreadable);
  }

  private Results filtered(
      List<DetectionLine> some, Predicate<DetectionLine> keep, String filter, String hint) {
    return new Results(
        some.stream().filter(keep).toList(),
        lines.isEmpty()
            ? emptyMessage
            : "No clip %s among %s.%s".formatted(filter, summary(), hint),
        unreadable);
  }

  private List<DetectionLine> clips() {
    if (clips == null) {
      clips = LogLines.latest(lines);
    }
    return clips;
  }

  @Override
  public Map<String, String> mimeBundle() {
    String text = lines.isEmpty() ? emptyMessage : summary() + ".";
    String skipped =
        unreadable == 0 ? "" : " Skipped %s.".formatted(Text.count(unreadable, "malformed line"));
    return new Text(text + skipped).mimeBundle();
  }

  private String summary() {
    List<LocalDate> days = lines.stream().map(LogLines::day).filter(Objects::nonNull).toList();
    List<DetectionLine> clips = clips();
    StringBuilder text = new StringBuilder(Text.count(clips.size(), "clip"));
    if (lines.size() > clips.size()) {
      text.append(" (%d lines: some were analysed again)".formatted(lines.size()));
    }
    if (!days.isEmpty()) {
      LocalDate from = Collections.min(days);
      LocalDate to = Collections.max(days);
      text.append(from.equals(to) ? " on " + from : " from " + from + " to " + to);
    }
    long cameras = clips.stream().map(LogLines::camera).distinct().count();
    text.append(", ").append(Text.count(cameras, "camera"));
    long failed = clips.stream().filter(line -> !line.ok()).count();
    return text.append(failed > 0 ? ", " + failed + " could not be analysed" : "").toString();
  }

  /** One row for each line, in the log's order. */
  public View table() {
    return table(Integer.MAX_VALUE);
  }

  /** The first rows of {@link #table()}. */
  public View table(int maxRows) {
    return orEmptyMessage(
        () ->
            Table.of(lines)
                .column("recorded", LogLines::time)
                .column("camera", DetectionLine::camera)
                .column("clip", DetectionLine::filename)
                .column("detected", line -> line.ok() ? line.detected() : line.error())
                .column("length, s", DetectionLine::durationSeconds)
                .column("analysis, s", DetectionLine::elapsedSeconds)
                .first(maxRows));
  }

  /** The labels, the most frequent first, with how sure the model was of the best in each clip. */
  public View labels() {
    Map<String, Long> clips = LogLines.labelCounts(clips());
    Map<String, List<DetectedObject>> objects =
        LogLines.objects(clips()).collect(groupingBy(DetectedObject::label));
    Function<String, List<Double>> confidences =
        label ->
            objects.getOrDefault(label, List.of()).stream()
                .map(DetectedObject::confidence)
                .sorted()
                .toList();
    return orEmptyMessage(
        () ->
            clips.isEmpty()
                ? ResultCharts.NO_DETECTIONS
                : Table.of(clips.keySet())
                    .column("label", label -> label)
                    .column("clips", clips::get)
                    .column(
                        "median confidence",
                        label -> LogLines.quantile(confidences.apply(label), 0.5))
                    .column("lowest", label -> LogLines.quantile(confidences.apply(label), 0))
                    .column("highest", label -> LogLines.quantile(confidences.apply(label), 1))
                    .column(
                        "max at once",
                        label ->
                            objects.getOrDefault(label, List.of()).stream()
                                .map(DetectedObject::maxAtOnce)
                                .max(Comparator.naturalOrder())
                                .orElse(null)));
  }

  /** Clips by the hour of the day in which they began. */
  public View byHour() {
    return overTime(ResultCharts::byHour);
  }

  /** In how many clips of each day each of the most frequent labels was detected. */
  public View labelsByDay() {
    return overTime(ResultCharts::labelsByDay);
  }

  /** Clips of each day, by camera. */
  public View camerasByDay() {
    return overTime(ResultCharts::camerasByDay);
  }

  /** Clips by weekday and hour. */
  public View busiestHours() {
    return overTime(ResultCharts::busiestHours);
  }

  /** How sure the model was: the best confidence of each label in each clip. */
  public View confidence() {
    return orEmptyMessage(() -> ResultCharts.confidence(clips()));
  }

  /** How long after the end of the recording the first line of each clip was written. */
  public View delay() {
    return orEmptyMessage(() -> ResultCharts.delay(lines));
  }

  /** The clips that could not be analysed, with the reason. */
  public View failures() {
    List<DetectionLine> failed = clips().stream().filter(line -> !line.ok()).toList();
    return orEmptyMessage(
        () ->
            failed.isEmpty()
                ? new Text("All clips were analysed.")
                : Table.of(failed)
                    .column("recorded", LogLines::time)
                    .column("clip", DetectionLine::filename)
                    .column("reason", DetectionLine::error));
  }

  private View orEmptyMessage(Supplier<View> view) {
    return lines.isEmpty() ? this : view.get();
  }

  /** A chart of the clips of which a time is known. */
  private View overTime(Function<List<DetectionLine>, View> chart) {
    List<DetectionLine> timed =
        clips().stream().filter(line -> LogLines.time(line) != null).toList();
    return orEmptyMessage(() -> timed.isEmpty() ? ResultCharts.NO_TIMES : chart.apply(timed));
  }
}
