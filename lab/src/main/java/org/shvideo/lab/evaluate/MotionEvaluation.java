package org.shvideo.lab.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.lab.evaluate.MotionScan.Event;
import org.shvideo.tasks.settings.Settings;

/**
 * How capture's motion detection compares with exhaustive detection, which decodes and analyses
 * every frame. Times are in seconds from the start of the clip.
 *
 * @param events number of motions that capture detects
 * @param exhaustive number of motions in all frames
 * @param missed start times of motions that capture does not detect
 * @param added start times of motions that only capture detects
 * @param maxStartDelay by how much a motion starts later for capture, at most
 * @param maxDetectionDelay from the start of a motion to its detection by capture, at most
 * @param preRollSufficient whether each clip would start before its motion
 * @param restShare share of the packets during which capture decoded only keyframes
 */
record MotionEvaluation(
    int events,
    int exhaustive,
    List<Double> missed,
    List<Double> added,
    @JsonProperty("latest_begin_s") double maxStartDelay,
    @JsonProperty("told_within_s") double maxDetectionDelay,
    @JsonProperty("pre_roll_precedes") boolean preRollSufficient,
    @JsonProperty("resting") double restShare) {

  static MotionEvaluation of(Path file, MotionSettings motion, ClipSettings clip)
      throws IOException {
    return of(run(file, motion), run(file, motion.exhaustive()), clip);
  }

  private static MotionScan run(Path file, MotionSettings settings) throws IOException {
    CameraUrl url = CameraUrl.parse(file.toAbsolutePath().toString());
    StreamSettings streamSettings = StreamSettings.from(Settings.of(Map.of()));
    try (CameraStream stream = CameraStream.open(url, streamSettings, new CountDownLatch(1))) {
      return MotionScan.of(stream, settings);
    } catch (StreamException | IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static MotionEvaluation of(MotionScan product, MotionScan exhaustive, ClipSettings clip) {
    double maxStartDelay = 0;
    double maxDetectionDelay = 0;
    boolean preRollSufficient = true;
    for (Event event : exhaustive.events()) {
      Event found = firstOverlapping(event, product.events());
      if (found != null) {
        maxStartDelay = Math.max(maxStartDelay, found.begin() - event.begin());
        maxDetectionDelay = Math.max(maxDetectionDelay, found.detected() - event.begin());
        preRollSufficient &= clipStart(found, clip) <= event.begin();
      }
    }
    return new MotionEvaluation(
        product.events().size(),
        exhaustive.events().size(),
        startsOfUnmatched(exhaustive.events(), product.events()),
        startsOfUnmatched(product.events(), exhaustive.events()),
        maxStartDelay,
        maxDetectionDelay,
        preRollSufficient,
        product.restingShare());
  }

  private static double clipStart(Event found, ClipSettings clip) {
    double wanted = found.begin() - clip.preRoll().toMillis() / 1000.0;
    return Math.max(wanted, found.detected() - clip.preRollKept().toMillis() / 1000.0);
  }

  private static List<Double> startsOfUnmatched(List<Event> events, List<Event> others) {
    return events.stream()
        .filter(event -> firstOverlapping(event, others) == null)
        .map(Event::begin)
        .toList();
  }

  private static Event firstOverlapping(Event event, List<Event> others) {
    return others.stream()
        .filter(other -> other.begin() <= event.end() && other.end() >= event.begin())
        .findFirst()
        .orElse(null);
  }
}
