package org.shvideo.tasks.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;

class DetectionLineTest {
  private static final LocalDateTime TIME = LocalDateTime.of(2026, 2, 23, 14, 49, 15, 581_433_999);
  private static final Job JOB =
      new Job(
          "5f0c",
          "20260223-144819.avi",
          "front-door",
          OffsetDateTime.parse("2026-02-23T14:48:19.120999+02:00"));

  @Test
  void startsWithThePrototypesFieldsAndRoundsNumbers() {
    var person =
        new DetectedObject("person", 0.912345, 88, 0.40000001, 27.2, 2, List.of(1, 2, 3, 4));
    var line =
        DetectionLine.builder(JOB, TIME)
            .clip(30.00049, 750)
            .analysis(96, 5.1)
            .model("yolov8n@c4da9869", 0.5, "adaptive")
            .objects(List.of(person))
            .snapshot("20260223-144819.jpg")
            .build();

    assertThat(Json.write(line))
        .isEqualTo(
            """
            {"ok":true,"filename":"20260223-144819.avi","detected":["person"],"count":1,\
            "timestamp":"2026-02-23T14:49:15.581433","job":"5f0c","camera":"front-door",\
            "recorded_at":"2026-02-23T14:48:19.120+02:00","duration_s":30.0,"frames":750,\
            "analysed":96,"elapsed_s":5.1,"model":"yolov8n@c4da9869","confidence":0.5,\
            "sampling":"adaptive","objects":[{"label":"person","confidence":0.912,"frames":88,\
            "first_s":0.4,"last_s":27.2,"max_at_once":2,"box":[1,2,3,4]}],\
            "snapshot":"20260223-144819.jpg"}\
            """);
  }

  @Test
  void failureHasItsReasonAndNoUnknownFields() {
    var line =
        DetectionLine.failed(new Job("7", "x.avi", null, null), TIME, "File x.avi not found");

    assertThat(Json.write(line))
        .isEqualTo(
            """
            {"ok":false,"filename":"x.avi","detected":[],"count":0,\
            "timestamp":"2026-02-23T14:49:15.581433","error":"File x.avi not found","job":"7"}\
            """);
  }

  @Test
  void isEqualAfterWritingAndReading() throws IOException {
    var object = new DetectedObject("кіт", 1 / 3.0, 1, 1 / 7.0, 2 / 7.0, 1, List.of());
    for (DetectionLine line :
        List.of(
            DetectionLine.builder(JOB, TIME)
                .clip(1 / 3.0, 1)
                .analysis(1, 1 / 3.0)
                .model("m", 1 / 3.0, "every")
                .objects(List.of(object))
                .build(),
            DetectionLine.failed(JOB, TIME.withNano(0), "two\nlines and \"quotes\""))) {
      String json = Json.write(line);
      assertThat(json).doesNotContain("\n");
      assertThat(Json.read(json, DetectionLine.class)).isEqualTo(line);
    }
  }

  @Test
  void readsThePrototypesLine() throws IOException {
    var line =
        Json.read(
            "{\"ok\": true, \"filename\": \"20260223-144657.avi\", \"detected\": [], \"count\": 0,"
                + " \"timestamp\": \"2026-02-23T14:47:56.697779\"}",
            DetectionLine.class);

    assertThat(line.ok()).isTrue();
    assertThat(line.filename()).isEqualTo("20260223-144657.avi");
    assertThat(line.timestamp()).isEqualTo("2026-02-23T14:47:56.697779");
    assertThat(line.job()).isNull();
    assertThat(line.objects()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-02-23T14:47:56.697779",
        "2026-02-23T14:47:56",
        "2026-02-23T14:47",
        "2026-02-23T14:47:56Z",
        "2026-02-23T14:47:56.697779123+02:00"
      })
  void readsOtherTimeFormats(String time) throws IOException {
    var line =
        Json.read(
            "{\"filename\":\"x\",\"timestamp\":\"%s\",\"recorded_at\":\"%s\",\"more\":{}}"
                .formatted(time, time),
            DetectionLine.class);

    assertThat(line.timestamp().toLocalDate()).isEqualTo("2026-02-23");
    assertThat(line.timestamp().getMinute()).isEqualTo(47);
    assertThat(line.recordedAt().getMinute()).isEqualTo(47);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{\"filename\":", "{} {}", "[]", "{\"timestamp\":\"noon\"}", "{\"count\":{}}"})
  void rejectsMalformedLines(String text) {
    assertThatThrownBy(() -> Json.read(text, DetectionLine.class)).isInstanceOf(IOException.class);
  }
}
