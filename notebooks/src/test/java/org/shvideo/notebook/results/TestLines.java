package org.shvideo.notebook.results;

import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/** TestLines for a log, in local time. */
public final class TestLines {
  private TestLines() {}

  public static DetectionLine seen(
      String filename, String camera, String recorded, String... labels) {
    return line(new Job(UUID.randomUUID().toString(), filename, camera, local(recorded)), labels);
  }

  /** Of a job that was queued by the clip's name alone. */
  public static DetectionLine again(String filename, String... labels) {
    return line(Job.forFile(filename), labels);
  }

  public static DetectionLine failed(String filename, String recorded, String reason) {
    Job job = new Job(UUID.randomUUID().toString(), filename, "yard", local(recorded));
    return DetectionLine.failed(job, LocalDateTime.parse(recorded).plusSeconds(40), reason);
  }

  /** With the five fields that the prototype's log has. */
  public static String prototype(String filename, String timestamp, String label) {
    return """
    {"ok":true,"filename":"%s","detected":["%s"],"count":1,"timestamp":"%s"}\
    """
        .formatted(filename, label, timestamp);
  }

  private static DetectionLine line(Job job, String... labels) {
    LocalDateTime written =
        job.recordedAt() == null
            ? LocalDateTime.parse("2026-03-01T12:00:00")
            : LogLines.time(
                    DetectionLine.failed(job, LocalDateTime.parse("2026-03-01T12:00:00"), ""))
                .plusSeconds(40);
    return DetectionLine.builder(job, written)
        .clip(30, 750)
        .analysis(60, 5)
        .model("yolov8n@c4da9869", 0.5, "adaptive")
        .objects(Stream.of(labels).map(TestLines::object).toList())
        .build();
  }

  private static DetectedObject object(String label) {
    return new DetectedObject(label, 0.8, 10, 1, 20, 2, List.of(1, 2, 3, 4));
  }

  private static OffsetDateTime local(String time) {
    return LocalDateTime.parse(time).atZone(ZoneId.systemDefault()).toOffsetDateTime();
  }
}
