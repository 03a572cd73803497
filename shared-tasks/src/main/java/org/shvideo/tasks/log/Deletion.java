package org.shvideo.tasks.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

/**
 * One line of the deletion log: a clip that retention deleted, or is about to delete. Times are
 * truncated to milliseconds.
 *
 * @param bytes freed, including the snapshot's
 * @param reason the setting that required it, such as {@code VIDEO_MAX_DAYS=30}
 * @param recordedAt when the clip's first frame was captured; null when unknown
 * @param job id of the job that analysed the clip; null when unknown
 * @param modifiedAt when the clip's file was last modified, which distinguishes it from a later one
 *     of the same name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Deletion(
    String filename,
    @JsonProperty("deleted_at") OffsetDateTime deletedAt,
    long bytes,
    String reason,
    @JsonProperty("recorded_at") OffsetDateTime recordedAt,
    String job,
    @JsonProperty("modified_at") OffsetDateTime modifiedAt) {

  public Deletion {
    deletedAt = millis(deletedAt);
    recordedAt = millis(recordedAt);
    modifiedAt = millis(modifiedAt);
  }

  private static OffsetDateTime millis(OffsetDateTime time) {
    return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS);
  }
}
