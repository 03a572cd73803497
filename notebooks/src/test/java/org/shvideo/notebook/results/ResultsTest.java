package org.shvideo.notebook.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;

class ResultsTest {
  private static final Map<String, Function<Results, View>> VIEWS =
      Map.of(
          "itself", results -> results,
          "table", Results::table,
          "labels", Results::labels,
          "byHour", Results::byHour,
          "labelsByDay", Results::labelsByDay,
          "camerasByDay", Results::camerasByDay,
          "busiestHours", Results::busiestHours,
          "confidence", Results::confidence,
          "failures", Results::failures,
          "delay", Results::delay);

  /** Monday to Wednesday, nothing on Tuesday. */
  private static final List<DetectionLine> THREE_DAYS =
      List.of(
          TestLines.seen("a.avi", "door", "2026-03-02T08:05:00", "person", "car"),
          TestLines.seen("b.avi", "yard", "2026-03-02T08:55:00", "person"),
          TestLines.seen("c.avi", "door", "2026-03-02T23:59:59"),
          TestLines.seen("d.avi", "door", "2026-03-04T08:00:00", "cat", "person"));

  @TempDir private Path folder;

  static Iterable<String> views() {
    return VIEWS.keySet();
  }

  @ParameterizedTest
  @MethodSource("views")
  void everyViewOfAMissingLogSaysWhatToDo(String name) throws IOException {
    assertThat(
            VIEWS
                .get(name)
                .apply(Results.read(new DetectionLog(folder.resolve(DetectionLog.FILE_NAME))))
                .text())
        .startsWith("There is no log yet (detections_log.jsonl")
        .contains("VIDEO_DIR", "SendProcessFile.ipynb");
  }

  @ParameterizedTest
  @MethodSource("views")
  void everyViewOfAnEmptyLogSaysThatNothingWasAnalysed(String name) throws IOException {
    assertThat(VIEWS.get(name).apply(log("")).text())
        .startsWith("The log (detections_log.jsonl) is empty")
        .contains("SendProcessFile.ipynb");
  }

  @ParameterizedTest
  @MethodSource("views")
  void everyViewOfAnEmptySelectionNamesTheFilter(String name) {
    Results none = Results.of(THREE_DAYS).on(LocalDate.parse("2026-03-03")).with("zebra");

    assertThat(VIEWS.get(name).apply(none).text())
        .isEqualTo("No clip on 2026-03-03 among 4 clips from 2026-03-02 to 2026-03-04, 2 cameras.");
  }

  @ParameterizedTest
  @MethodSource("views")
  void everyViewAcceptsLinesWithAFileNameOnly(String name) throws IOException {
    assertThat(VIEWS.get(name).apply(log("{\"filename\":\"x.avi\"}\n")).text()).isNotBlank();
  }

  @ParameterizedTest
  @MethodSource("views")
  void everyViewAcceptsLinesOfThePrototype(String name) throws IOException {
    Results results =
        log(TestLines.prototype("x.avi", "2026-02-23T14:49:15.581433", "person") + "\n");

    assertThat(VIEWS.get(name).apply(results).text()).isNotBlank();
    assertThat(VIEWS.get(name).apply(results).mimeBundle()).isNotEmpty();
  }

  @Test
  void skipsAndCountsAnIncompleteLastLine() throws IOException {
    String whole = TestLines.prototype("x.avi", "2026-02-23T14:49:15.581433", "person");

    Results results = log(whole + "\n" + whole.substring(0, 40));

    assertThat(results.text())
        .isEqualTo("1 clip on 2026-02-23, 1 camera. Skipped 1 malformed line.");
  }

  @Test
  void ignoresUnknownFields() throws IOException {
    Results results =
        log("{\"ok\":true,\"filename\":\"x.avi\",\"detected\":[\"cat\"],\"weather\":{\"rain\":1}}");

    assertThat(results.with("cat").size()).isOne();
    assertThat(results.text()).isEqualTo("1 clip, 1 camera.");
  }

  @Test
  void usesTheTimestampWhereTheRecordingTimeIsMissing() throws IOException {
    Results results = log(TestLines.prototype("x.avi", "2026-02-23T14:49:15.581433", "person"));

    assertThat(results.on(LocalDate.parse("2026-02-23")).size()).isOne();
    assertThat(results.byHour().text()).isEqualTo("Clips by hour of the day: 14 1");
    assertThat(results.delay().text())
        .isEqualTo("The log does not say when these clips were recorded.");
    assertThat(results.confidence().text()).startsWith("These clips have no confidences");
  }

  @Test
  void filtersByDayLabelAndCamera() {
    Results results = Results.of(THREE_DAYS);

    assertThat(files(results.on(LocalDate.parse("2026-03-02"))))
        .containsExactly("a.avi", "b.avi", "c.avi");
    assertThat(files(results.with("person"))).containsExactly("a.avi", "b.avi", "d.avi");
    assertThat(files(results.from("door").with("person"))).containsExactly("a.avi", "d.avi");
    assertThat(files(results.of("c.avi"))).containsExactly("c.avi");
    assertThat(files(results.latest(2))).containsExactly("c.avi", "d.avi");
    assertThat(files(results.latest(99))).hasSize(4);
    assertThat(files(results.latest(0))).containsExactly("d.avi");
  }

  @Test
  void listsLabelsAndCamerasWhenAFilterMatchesNothing() {
    Results results = Results.of(THREE_DAYS);

    assertThat(results.with("Cat").text())
        .isEqualTo(
            "No clip with label \"Cat\" among 4 clips from 2026-03-02 to 2026-03-04, 2 cameras."
                + " Labels: person, car, cat.");
    assertThat(results.from("garden").table().text()).endsWith(" Cameras: door, yard.");
    assertThat(results.of("z.avi").table().text()).contains("named \"z.avi\"", "SendProcessFile");
  }

  @Test
  void lastSelectsClipsSinceThen() {
    LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
    Results results =
        Results.of(
            List.of(
                TestLines.seen("old.avi", "door", now.minusHours(3).toString()),
                TestLines.seen("new.avi", "door", now.minusHours(1).toString())));

    assertThat(files(results.last(Duration.ofHours(2)))).containsExactly("new.avi");
    assertThat(results.last(Duration.ofMinutes(1)).text()).startsWith("No clip since ");
  }

  @Test
  void convertsRecordingTimesToLocalTime() {
    Job job =
        new Job("id", "far.avi", "far", OffsetDateTime.parse("2026-03-02T23:30:00.000-05:00"));
    DetectionLine line = DetectionLine.failed(job, LocalDateTime.parse("2026-03-03T09:00:00"), "");
    TimeZone before = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
      assertThat(LogLines.time(line)).isEqualTo(LocalDateTime.parse("2026-03-03T13:30:00"));
      assertThat(Results.of(List.of(line)).on(LocalDate.parse("2026-03-03")).size()).isOne();
    } finally {
      TimeZone.setDefault(before);
    }
  }

  @Test
  void aClipAnalysedTwiceCountsOnceWithItsLatestLine() {
    List<DetectionLine> lines = new ArrayList<>(THREE_DAYS);
    lines.add(TestLines.failed("e.avi", "2026-03-04T10:00:00", "cut off"));
    lines.add(TestLines.again("a.avi", "dog"));
    lines.add(TestLines.again("e.avi", "dog"));
    Results results = Results.of(lines);

    assertThat(results.size()).isEqualTo(5);
    assertThat(results.text())
        .isEqualTo(
            "5 clips (7 lines: some were analysed again) from 2026-03-02 to 2026-03-04, 2"
                + " cameras.");
    assertThat(files(results.with("dog"))).containsExactly("a.avi", "e.avi");
    assertThat(files(results.with("car"))).isEmpty();
    assertThat(results.failures().text()).isEqualTo("All clips were analysed.");
    assertThat(results.of("a.avi").table().text().lines()).hasSize(3);
    assertThat(results.on(LocalDate.parse("2026-03-02")).with("dog").size())
        .as("recorded when it was, though queued again by name alone")
        .isOne();
    assertThat(results.from("door").with("dog").size()).isOne();
  }

  @Test
  void countsEachLabel() {
    assertThat(Results.of(THREE_DAYS).labels().text().lines())
        .containsExactly(
            "label   clips  median confidence  lowest  highest  max at once",
            "person      3               0.80    0.80     0.80            2",
            "car         1               0.80    0.80     0.80            2",
            "cat         1               0.80    0.80     0.80            2");
    assertThat(Results.of(THREE_DAYS.subList(2, 3)).labels().text())
        .isEqualTo("Nothing was detected in these clips.");
  }

  @Test
  void chartsIncludeHoursAndDaysWithoutClips() {
    Results results = Results.of(THREE_DAYS);

    assertThat(results.byHour().text()).isEqualTo("Clips by hour of the day: 08 3, 23 1");
    assertThat(results.busiestHours().text().lines())
        .as("Monday on top")
        .startsWith(
            "Clips by weekday and hour",
            "Mon: 0 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1",
            "Tue:" + " 0".repeat(24),
            "Wed: 0 0 0 0 0 0 0 0 1" + " 0".repeat(15));
    assertThat(results.labelsByDay().text().lines())
        .containsExactly("Clips by label and day", "person: 2 0 1", "car: 1 0 0", "cat: 0 0 1");
    assertThat(results.camerasByDay().text().lines())
        .containsExactly("Clips by day and camera", "door: 2 Mar 2, 4 Mar 1", "yard: 2 Mar 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1970-01-01T00:00:10", "2025-12-01T10:00:00"})
  void aCameraWithAWrongClockDoesNotMakeAnEndlessChart(String stray) {
    List<DetectionLine> lines = new ArrayList<>(THREE_DAYS);
    lines.add(TestLines.seen("stray.avi", "door", stray, "person"));

    String text = Results.of(lines).labelsByDay().text();

    assertThat(text).contains(stray.startsWith("1970") ? "and year" : "and month");
    assertThat(text.lines().filter(line -> line.startsWith("person: 1 ")).findFirst())
        .hasValueSatisfying(line -> assertThat(line.split(" ")).hasSizeLessThan(64).endsWith("3"));
  }

  @Test
  void countsConfidencesOutOfRangeInTheOutermostBars() {
    DetectionLine line = TestLines.seen("a.avi", "door", "2026-03-02T08:05:00", "person");
    List<DetectedObject> objects = new ArrayList<>();
    for (double confidence : new double[] {-1, 0, 0.5, 0.54, 0.55, 1, 7}) {
      objects.add(new DetectedObject("person", confidence, 1, 0, 1, 1, List.of()));
    }

    assertThat(Results.of(List.of(line.toBuilder().objects(objects).build())).confidence().text())
        .isEqualTo("Confidence of detections: 0.00 2, 0.50 2, 0.55 1, 0.95 2");
  }

  @Test
  void delayIsFromTheEndOfARecordingToItsFirstResult() {
    List<DetectionLine> lines = new ArrayList<>(THREE_DAYS);
    lines.add(
        TestLines.again("a.avi", "dog")); // years later, for another reason than a slow worker

    assertThat(Results.of(lines).delay().text())
        .isEqualTo(
            "Delay from the end of a recording to its result: median 10 seconds, 95 % within 10: 10"
                + " 4");
    assertThat(Results.of(List.of(written(THREE_DAYS.get(0), 3 * 3600))).delay().text())
        .contains("median 3 hours, 95 % within 3");
    assertThat(Results.of(List.of(written(THREE_DAYS.get(0), -50))).delay().text())
        .as("a camera whose clock is ahead")
        .contains("95 % within");
  }

  @Test
  void failuresShowTheReason() {
    Results results =
        Results.of(List.of(TestLines.failed("e.avi", "2026-03-04T10:00:00", "<b>cut off</b>")));

    assertThat(results.text()).endsWith("1 could not be analysed.");
    assertThat(results.failures().text()).contains("2026-03-04 10:00:00", "e.avi", "cut off");
    assertThat(results.failures().mimeBundle().get("text/html")).doesNotContain("<b>");
    assertThat(results.table().text()).contains("cut off");
  }

  @Test
  void theSampleEndsNowAndHasDataForEveryView() {
    Results sample = Results.sample();
    LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());

    assertThat(sample.size()).isGreaterThan(300).isEqualTo(sample.lines().size());
    assertThat(sample.lines()).allMatch(line -> line.timestamp().isBefore(now));
    VIEWS.forEach(
        (name, view) -> assertThat(view.apply(sample)).as(name).isNotInstanceOf(Text.class));
    assertThat(SampleLog.lines(14)).as("always the same").startsWith(sample.lines().get(0));
  }

  private Results log(String text) throws IOException {
    Path log = folder.resolve(DetectionLog.FILE_NAME);
    Files.writeString(log, text);
    return Results.read(new DetectionLog(log));
  }

  private static List<String> files(Results results) {
    return results.lines().stream().map(DetectionLine::filename).toList();
  }

  private static DetectionLine written(DetectionLine line, int secondsAfterItsEnd) {
    LocalDateTime end = LogLines.time(line).plusSeconds(30);
    return DetectionLine.builder(line.filename(), end.plusSeconds(secondsAfterItsEnd))
        .recorded(line.camera(), line.recordedAt())
        .clip(30, 750)
        .build();
  }
}
