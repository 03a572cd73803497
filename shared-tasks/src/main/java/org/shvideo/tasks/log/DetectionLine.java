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
 * its meaning; all later ones may be missing (null) in a line that another program wrote. Values
 * are rounded to the log's precision, so that a line read back equals the one written: seconds to 2
 * decimals, the threshold to 4, the timestamp to microseconds. Made by a {@link Builder}.
 *
 * @param ok whether the clip was analysed
 * @param detected the labels detected, each once, in order of first appearance
 * @param count number of labels
 * @param timestamp when the line was made, local time
 * @param error why the clip could not be analysed; null when it was
 * @param job the job's id
 * @param bytes size of the clip's file, which tells it from a later one of the same name; null when
 *     there was no file
 * @param recordedAt when the clip's first frame was captured
 * @param frames in the clip
 * @param analysed frames that went through the model
 * @param elapsedSeconds duration of the analysis
 * @param model name and the first digits of its checksum
 * @param confidence the threshold
 * @param sampling {@code every} or {@code adaptive}
 * @param objects details of each label, in the order of {@code detected}
 * @param snapshot file name of the picture with boxes, beside the clip; null when nothing was
 *     detected
 * @param timeGuessed true where the clip's time stamps were no guide, so that durations and times
 *     are guessed from the number of frames; null otherwise
 * @param snapshotError why there is no snapshot although something was detected; null otherwise
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
    Long bytes,
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
    String snapshot,
    @JsonProperty("time_guessed") Boolean timeGuessed,
    @JsonProperty("snapshot_error") String snapshotError) {

  /** Names that are the same in many lines are kept once: a log may have a million lines. */
  public DetectionLine {
    camera = interned(camera);
    model = interned(model);
    sampling = interned(sampling);
    detected = detected == null ? List.of() : detected.stream().map(String::intern).toList();
    objects = objects == null ? null : List.copyOf(objects);
    timestamp = timestamp == null ? null : timestamp.truncatedTo(ChronoUnit.MICROS);
    recordedAt = recordedAt == null ? null : recordedAt.truncatedTo(ChronoUnit.MILLIS);
    durationSeconds = durationSeconds == null ? null : round(durationSeconds, 2);
    elapsedSeconds = elapsedSeconds == null ? null : round(elapsedSeconds, 2);
    confidence = confidence == null ? null : round(confidence, 4);
  }

  static String interned(String name) {
    return name == null ? null : name.intern();
  }

  /** The line of a job that failed permanently. */
  public static DetectionLine failed(Job job, LocalDateTime timestamp, String error) {
    return builder(job, timestamp).error(error).build();
  }

  /** Whether a file of that name and size may be the one that this line is about. */
  public boolean matches(long fileBytes) {
    return LoggedClip.matches(bytes, fileBytes);
  }

  /** A line without job. */
  public static Builder builder(String filename, LocalDateTime timestamp) {
    return new Builder(filename, timestamp);
  }

  /** A line of a job: with its file name, id, camera and recording time. */
  public static Builder builder(Job job, LocalDateTime timestamp) {
    return new Builder(job.filename(), timestamp).job(job);
  }

  /** This line, to be changed. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Half up, as the prototype does; NaN stays. */
  static double round(double value, int decimals) {
    double scale = Math.pow(10, decimals);
    return Math.floor(value * scale + 0.5) / scale;
  }

  /** Makes a line; what is not set is missing in it. Not thread-safe. */
  public static final class Builder {
    private boolean ok = true;
    private String filename;
    private List<String> detected = List.of();
    private final LocalDateTime timestamp;
    private String error;
    private String job;
    private Long bytes;
    private String camera;
    private OffsetDateTime recordedAt;
    private Double durationSeconds;
    private Integer frames;
    private Integer analysed;
    private Double elapsedSeconds;
    private String model;
    private Double confidence;
    private String sampling;
    private List<DetectedObject> objects;
    private String snapshot;
    private Boolean timeGuessed;
    private String snapshotError;

    private Builder(String filename, LocalDateTime timestamp) {
      this.filename = filename;
      this.timestamp = timestamp;
    }

    private Builder(DetectionLine line) {
      ok = line.ok;
      filename = line.filename;
      detected = line.detected;
      timestamp = line.timestamp;
      error = line.error;
      job = line.job;
      bytes = line.bytes;
      camera = line.camera;
      recordedAt = line.recordedAt;
      durationSeconds = line.durationSeconds;
      frames = line.frames;
      analysed = line.analysed;
      elapsedSeconds = line.elapsedSeconds;
      model = line.model;
      confidence = line.confidence;
      sampling = line.sampling;
      objects = line.objects;
      snapshot = line.snapshot;
      timeGuessed = line.timeGuessed;
      snapshotError = line.snapshotError;
    }

    /** The clip could not be analysed. */
    public Builder error(String reason) {
      ok = false;
      error = reason;
      return this;
    }

    /** Sets file name, id, camera and recording time. */
    public Builder job(Job source) {
      filename = source.filename();
      job = source.id();
      return recorded(source.camera(), source.recordedAt());
    }

    /** Size of the clip's file; null when there is none. */
    public Builder bytes(Long size) {
      bytes = size;
      return this;
    }

    public Builder recorded(String byCamera, OffsetDateTime at) {
      camera = byCamera;
      recordedAt = at;
      return this;
    }

    public Builder clip(double seconds, int frameCount) {
      durationSeconds = seconds;
      frames = frameCount;
      return this;
    }

    public Builder analysis(int analysedFrames, double seconds) {
      analysed = analysedFrames;
      elapsedSeconds = seconds;
      return this;
    }

    public Builder model(String name, double threshold, String samplingMode) {
      model = name;
      confidence = threshold;
      sampling = samplingMode;
      return this;
    }

    /** Sets the labels too, in this order. */
    public Builder objects(List<DetectedObject> found) {
      objects = found;
      return detected(found.stream().map(DetectedObject::label).toList());
    }

    public Builder detected(List<String> labels) {
      detected = labels;
      return this;
    }

    public Builder snapshot(String file) {
      snapshot = file;
      return this;
    }

    /** The clip's time stamps were no guide. */
    public Builder timeGuessed(boolean guessed) {
      timeGuessed = guessed ? true : null;
      return this;
    }

    /** The snapshot could not be written. */
    public Builder snapshotError(String reason) {
      snapshotError = reason;
      return this;
    }

    public DetectionLine build() {
      return new DetectionLine(
          ok,
          filename,
          detected,
          detected.size(),
          timestamp,
          error,
          job,
          bytes,
          camera,
          recordedAt,
          durationSeconds,
          frames,
          analysed,
          elapsedSeconds,
          model,
          confidence,
          sampling,
          objects,
          snapshot,
          timeGuessed,
          snapshotError);
    }
  }
}
