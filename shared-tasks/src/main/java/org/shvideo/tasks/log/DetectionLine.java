package org.shvideo.tasks.log;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * One line of the detection log. The first five fields are the prototype's, in its order and with
 * its meaning; every later one may be missing (null) in a line that something else wrote.
 *
 * @param ok whether the clip was analysed
 * @param detected the labels seen, each once, in order of first appearance
 * @param count how many labels
 * @param timestamp when the line was made, local time
 * @param error why the clip could not be analysed; null when it was
 * @param frames in the clip
 * @param analysed frames that went through the model
 * @param elapsedSeconds the analysis took
 * @param model name and the first digits of its checksum
 * @param confidence the threshold
 * @param sampling {@code every} or {@code adaptive}
 * @param snapshot file name of the picture with boxes, beside the clip; null when nothing was seen
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"ok", "filename", "detected", "count", "timestamp", "error"})
public record DetectionLine(
    boolean ok,
    String filename,
    List<String> detected,
    int count,
    LocalDateTime timestamp,
    String error,
    String job,
    String camera,
    @JsonProperty("recorded_at") OffsetDateTime recordedAt,
    @JsonProperty("duration_s") Double durationSeconds,
    Integer frames,
    Integer analysed,
    @JsonProperty("elapsed_s") Double elapsedSeconds,
    String model,
    Double confidence,
    String sampling,
    List<DetectedObject> objects,
    String snapshot) {

  public DetectionLine {
    detected = detected == null ? List.of() : List.copyOf(detected);
    objects = objects == null ? null : List.copyOf(objects);
  }
}
