package org.shvideo.lab.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.shvideo.capture.motion.MotionScan;
import org.shvideo.capture.motion.MotionScan.Event;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.tasks.settings.Settings;

/**
 * What capture finds, as it is configured, of the motion that is found when every frame is decoded
 * and looked at. Times in seconds from the clip's beginning.
 *
 * @param events that capture finds
 * @param exhaustive that are found in all frames
 * @param missed of these, the beginnings of those during which capture finds none
 * @param added the beginnings of those that only capture finds
 * @param latestBegin by how much a motion begins later for capture, at most
 * @param toldWithin how long after its beginning in all frames a motion is known to capture, at
 *     most
 * @param preRollPrecedes whether each clip would begin before its motion does in all frames
 * @param resting the share of the packets during which capture decoded only keyframes
 */
record MotionEvaluation(
    int events,
    int exhaustive,
    List<Double> missed,
    List<Double> added,
    @JsonProperty("latest_begin_s") double latestBegin,
    @JsonProperty("told_within_s") double toldWithin,
    @JsonProperty("pre_roll_precedes") boolean preRollPrecedes,
    double resting) {

  /**
   * Watches a file twice.
   *
   * @throws IOException where it cannot be read
   */
  static MotionEvaluation of(Path file, MotionSettings motion, ClipSettings clip)
      throws IOException {
    return of(run(file, motion), run(file, motion.exhaustive()), clip);
  }

  private static MotionScan run(Path file, MotionSettings settings) throws IOException {
    CameraUrl url = CameraUrl.parse(file.toAbsolutePath().toString());
    StreamSettings patience = StreamSettings.from(Settings.of(Map.of()));
    try (CameraStream stream = CameraStream.open(url, patience, new CountDownLatch(1))) {
      return MotionScan.of(stream, settings);
    } catch (StreamException | IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static MotionEvaluation of(MotionScan product, MotionScan exhaustive, ClipSettings clip) {
    double latest = 0;
    double told = 0;
    boolean precedes = true;
    for (Event event : exhaustive.events()) {
      Event found = firstDuring(event, product.events());
      if (found != null) {
        latest = Math.max(latest, found.begin() - event.begin());
        told = Math.max(told, found.detected() - event.begin());
        precedes &= clipBegins(found, clip) <= event.begin();
      }
    }
    return new MotionEvaluation(
        product.events().size(),
        exhaustive.events().size(),
        withoutAny(exhaustive.events(), product.events()),
        withoutAny(product.events(), exhaustive.events()),
        latest,
        told,
        precedes,
        product.restingShare());
  }

  private static double clipBegins(Event found, ClipSettings clip) {
    double wanted = found.begin() - clip.preRoll().toMillis() / 1000.0;
    return Math.max(wanted, found.detected() - clip.preRollKept().toMillis() / 1000.0);
  }

  private static List<Double> withoutAny(List<Event> events, List<Event> others) {
    return events.stream()
        .filter(event -> firstDuring(event, others) == null)
        .map(Event::begin)
        .toList();
  }

  private static Event firstDuring(Event event, List<Event> others) {
    return others.stream()
        .filter(other -> other.begin() <= event.end() && other.end() >= event.begin())
        .findFirst()
        .orElse(null);
  }
}
