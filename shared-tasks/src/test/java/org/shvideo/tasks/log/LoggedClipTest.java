package org.shvideo.tasks.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;

class LoggedClipTest {
  private static final LocalDateTime TIME = LocalDateTime.parse("2026-02-23T14:49:15.581433");

  @TempDir Path folder;

  /** The short form finds the same lines, with their places, and the same malformed ones. */
  @Test
  void theShortFormIsThatOfTheWholeLines() throws Exception {
    Path file = folder.resolve(DetectionLog.FILE_NAME);
    DetectionLine line =
        DetectionLine.builder(new Job("id", "ü.avi", "gate", TIME.atOffset(ZoneOffset.UTC)), TIME)
            .bytes(123L)
            .objects(List.of(new DetectedObject("cat", 0.5, 1, 0, 1, 1, List.of(1, 2, 3, 4))))
            .build();
    Files.writeString(
        file,
        """
        %s
        {"ok":true,"filename":"torn.avi","objects":[{"label":"c

        {"ok":false,"error":"no","job":"2","filename":"failed.avi","new":{"a":[1]}}
        {"ok":true}
        {"ok":true,"filename":"two.avi"} {}
        null
        """
            .formatted(Json.write(line)));
    DetectionLog log = new DetectionLog(file);

    try (Stream<LogEntry<LoggedClip>> clips = log.clips();
        Stream<LogEntry<DetectionLine>> whole = log.entries()) {
      List<LogEntry<LoggedClip>> read = clips.toList();
      assertThat(read.stream().map(LogEntry::line))
          .containsExactly(
              Optional.of(new LoggedClip(true, "ü.avi", "id", 123L)),
              Optional.empty(),
              Optional.of(new LoggedClip(false, "failed.avi", "2", null)),
              Optional.empty(),
              Optional.empty(),
              Optional.empty());
      assertThat(read.stream().map(LogEntry::place))
          .containsExactlyElementsOf(whole.map(LogEntry::place).toList());
    }
  }

  /** Times of our own form are read by our own code. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-02-23T14:48:19.120+02:00",
        "2026-02-23T14:48:19.120-03:30",
        "2026-02-23T14:48:19.120+00:00",
        "2026-02-23T14:48:19.1Z",
        "2024-02-29T23:59:59.999+14:00"
      })
  void timesAreThoseOfTheStandard(String text) {
    assertThat(Json.parseTime(text)).isEqualTo(OffsetDateTime.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-02-30T14:48:19.120000",
        "2026-02-23T24:48:19.120000",
        "2026-02-23T14-48:19.120000",
        "2026-02-23T14:48:19.12000x"
      })
  void timesThatDoNotExistMakeALineMalformed(String text) {
    String line = "{\"ok\":true,\"filename\":\"a.avi\",\"timestamp\":\"%s\"}".formatted(text);
    assertThat(LogEntry.parse(line.getBytes(UTF_8))).isEmpty();
    String right = line.replace(text, "2026-02-23T14:49:15.581433");
    assertThat(LogEntry.parse(right.getBytes(UTF_8)).orElseThrow().timestamp()).isEqualTo(TIME);
  }
}
