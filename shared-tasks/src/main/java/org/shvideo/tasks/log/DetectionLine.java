package org.shvideo.tasks.log;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.shvideo.tasks.job.Job;

/**
 * One line of the detection log. The first five fields are the prototype's, in its order and with
 * its meaning; every later one may be missing (null) in a line that something else wrote. Values
 * are rounded to what the log holds, so that a line read back equals the one written: confidences
 * to 4 decimals, seconds to 3, the time stamp to microseconds.
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
 * @param objects what was seen of each label, in the order of {@code detected}
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
    timestamp = timestamp == null ? null : timestamp.truncatedTo(ChronoUnit.MICROS);
    recordedAt = recordedAt == null ? null : recordedAt.truncatedTo(ChronoUnit.MILLIS);
    durationSeconds = durationSeconds == null ? null : round(durationSeconds, 3);
    elapsedSeconds = elapsedSeconds == null ? null : round(elapsedSeconds, 3);
    confidence = confidence == null ? null : round(confidence, 4);
  }

  /**
   * The line of a clip that was analysed.
   *
   * @param objects in order of first appearance
   * @param snapshot null when nothing was seen
   */
  public static DetectionLine analysed(
      Job job,
      LocalDateTime timestamp,
      double durationSeconds,
      int frames,
      int analysed,
      double elapsedSeconds,
      String model,
      double confidence,
      String sampling,
      List<DetectedObject> objects,
      String snapshot) {
    return new DetectionLine(
        true,
        job.filename(),
        objects.stream().map(DetectedObject::label).toList(),
        objects.size(),
        timestamp,
        null,
        job.id(),
        job.camera(),
        job.recordedAt(),
        durationSeconds,
        frames,
        analysed,
        elapsedSeconds,
        model,
        confidence,
        sampling,
        objects,
        snapshot);
  }

  /** The line of a job that cannot succeed, with the reason. */
  public static DetectionLine failed(Job job, LocalDateTime timestamp, String error) {
    return new DetectionLine(
        false,
        job.filename(),
        List.of(),
        0,
        timestamp,
        error,
        job.id(),
        job.camera(),
        job.recordedAt(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  static double round(double value, int decimals) {
    double scale = Math.pow(10, decimals);
    return Math.rint(value * scale) / scale;
  }
}
