package org.shvideo.worker.analysis;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.shvideo.worker.yolo.Detection;
import org.shvideo.worker.yolo.FrameResult;

/**
 * The labels of one clip that the model was uncertain about and has not detected in any frame so
 * far. Such a label is worth analysing a frame nearby. After a few attempts without success, the
 * label must reach a higher confidence than it had. Not thread-safe.
 */
final class UncertainLabels {
  private static final int MAX_FAILED_ATTEMPTS = 3;

  /** Added to the confidence that a label had when it was last looked for in vain. */
  private static final float CONFIDENCE_STEP = 0.03f;

  private final Set<String> detected = new HashSet<>();
  private final Map<String, Integer> failedAttempts = new HashMap<>();
  private final Map<String, Float> requiredConfidence = new HashMap<>();

  void addDetected(FrameResult result) {
    result.detections().stream().map(Detection::label).forEach(detected::add);
  }

  /** Returns the label that is most worth another attempt, and its confidence. */
  Optional<Map.Entry<String, Float>> mostConfident(Iterable<FrameResult> results) {
    Map.Entry<String, Float> best = null;
    for (FrameResult result : results) {
      for (Map.Entry<String, Float> label : result.uncertain().entrySet()) {
        if (isWorthAnAttempt(label) && (best == null || compare(label, best) > 0)) {
          best = label;
        }
      }
    }
    return Optional.ofNullable(best);
  }

  private boolean isWorthAnAttempt(Map.Entry<String, Float> label) {
    return !detected.contains(label.getKey())
        && label.getValue() > requiredConfidence.getOrDefault(label.getKey(), 0f);
  }

  /** Of equal ones the first by name, so that a clip always gives the same line. */
  private static int compare(Map.Entry<String, Float> one, Map.Entry<String, Float> other) {
    int byConfidence = Float.compare(one.getValue(), other.getValue());
    return byConfidence != 0 ? byConfidence : other.getKey().compareTo(one.getKey());
  }

  /** Records the result of a frame that was analysed because of an uncertain label. */
  void addAttempt(Map.Entry<String, Float> label, FrameResult result) {
    addDetected(result);
    if (!detected.contains(label.getKey())
        && failedAttempts.merge(label.getKey(), 1, Integer::sum) >= MAX_FAILED_ATTEMPTS) {
      requiredConfidence.merge(label.getKey(), label.getValue() + CONFIDENCE_STEP, Math::max);
    }
  }
}
