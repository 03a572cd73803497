package org.shvideo.tasks.queue;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.json.Json;

/**
 * The text fields of a job as they stand in a stream entry or a hash, where any client may have
 * written anything: what cannot be read counts as unknown.
 */
record JobFields(Map<String, String> fields) {

  /** From a flat list of names and values, as a script returns them. */
  static JobFields of(List<?> flat) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      fields.put((String) flat.get(i), (String) flat.get(i + 1));
    }
    return new JobFields(fields);
  }

  /** Of a job pushed by hand that no worker has seen yet: it has an entry and no hash. */
  static JobFields waiting(String entry, Map<String, String> message) {
    Map<String, String> fields = new HashMap<>(message);
    fields.computeIfAbsent("id", absent -> entry);
    // With a replacement character it was no UTF-8: such an id counts as none.
    fields.computeIfPresent(
        "id", (name, id) -> id.isEmpty() || id.indexOf('\ufffd') >= 0 ? entry : id);
    fields.put("state", "queued");
    fields.put("enqueued", entry.substring(0, entry.indexOf('-')));
    return new JobFields(fields);
  }

  Job job() {
    return new Job(text("id", ""), text("filename", ""), text("camera", null), recordedAt());
  }

  JobStatus status() {
    return new JobStatus(
        job(),
        state(),
        (int) number("attempt", 0),
        number("progress", 0),
        text("worker", null),
        time("enqueued"),
        time("started"),
        time("ended"),
        text("result", null),
        text("error", null));
  }

  DeadLetter deadLetter() {
    return new DeadLetter(job(), (int) number("attempt", 0), text("error", ""), time("time"));
  }

  String text(String name, String fallback) {
    String text = fields.getOrDefault(name, "");
    return text.isEmpty() ? fallback : text;
  }

  private JobState state() {
    String state = text("state", "");
    return Stream.of(JobState.values())
        .filter(known -> known.name().equalsIgnoreCase(state))
        .findFirst()
        .orElse(JobState.QUEUED);
  }

  private double number(String name, double fallback) {
    try {
      return Double.parseDouble(text(name, ""));
    } catch (NumberFormatException e) {
      return fallback;
    }
  }

  private Instant time(String name) {
    try {
      return Instant.ofEpochMilli(Long.parseLong(text(name, "")));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private OffsetDateTime recordedAt() {
    try {
      return Json.parseTime(text("recorded_at", ""));
    } catch (DateTimeException e) {
      return null;
    }
  }
}
