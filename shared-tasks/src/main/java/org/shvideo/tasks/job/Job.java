package org.shvideo.tasks.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;

/**
 * One clip to analyse. The id is made once, before the clip is published, and never changes: it is
 * what makes sending twice and delivering twice harmless.
 *
 * @param id of a UUID's form, or the stream entry's id for a job that was pushed by hand
 * @param filename the clip's name inside the video folder, as it came; not checked here, because a
 *     bad name must reach the worker to fail there in the open
 * @param camera the camera's name; null when unknown
 * @param recordedAt when the clip's first frame was captured, kept to the millisecond; null when
 *     unknown
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Job(
    String id,
    String filename,
    String camera,
    @JsonProperty("recorded_at") OffsetDateTime recordedAt) {

  public Job {
    Objects.requireNonNull(id);
    Objects.requireNonNull(filename);
    recordedAt = recordedAt == null ? null : recordedAt.truncatedTo(ChronoUnit.MILLIS);
  }

  /** A job with a fresh id for a clip of which only the name is known. */
  public static Job forFile(String filename) {
    return new Job(UUID.randomUUID().toString(), filename, null, null);
  }
}
