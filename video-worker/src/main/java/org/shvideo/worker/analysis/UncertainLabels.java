package org.shvideo.worker.analysis;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.shvideo.worker.yolo.Answer;
import org.shvideo.worker.yolo.Detection;

/**
 * Which labels of one clip the model half sees and has not seen clearly in any frame so far. Such a
 * label is worth a look at the frames nearby. One that was looked for in vain a few times must be
 * likelier than it was then. Not thread-safe.
 */
final class UncertainLabels {
  private static final int MOST_IN_VAIN = 3;

  /** By so much likelier. */
  private static final float MORE = 0.03f;

  private final Set<String> seen = new HashSet<>();
  private final Map<String, Integer> inVain = new HashMap<>();
  private final Map<String, Float> bars = new HashMap<>();

  /** Notes what was seen clearly. */
  void add(Answer answer) {
    answer.detections().stream().map(Detection::label).forEach(seen::add);
  }

  /** The label that is worth another look most. */
  Optional<Map.Entry<String, Float>> greatest(Iterable<Answer> answers) {
    Map.Entry<String, Float> greatest = null;
    for (Answer answer : answers) {
      for (Map.Entry<String, Float> doubt : answer.doubtful().entrySet()) {
        if (isWorthALook(doubt) && (greatest == null || compare(doubt, greatest) > 0)) {
          greatest = doubt;
        }
      }
    }
    return Optional.ofNullable(greatest);
  }

  private boolean isWorthALook(Map.Entry<String, Float> doubt) {
    return !seen.contains(doubt.getKey())
        && doubt.getValue() > bars.getOrDefault(doubt.getKey(), 0f);
  }

  /** Of equals the first by name, so that a clip gives the same line each time. */
  private static int compare(Map.Entry<String, Float> one, Map.Entry<String, Float> other) {
    int byConfidence = Float.compare(one.getValue(), other.getValue());
    return byConfidence != 0 ? byConfidence : other.getKey().compareTo(one.getKey());
  }

  /** Notes what another look because of a doubt has shown. */
  void settle(Map.Entry<String, Float> doubt, Answer answer) {
    add(answer);
    if (!seen.contains(doubt.getKey())
        && inVain.merge(doubt.getKey(), 1, Integer::sum) >= MOST_IN_VAIN) {
      bars.merge(doubt.getKey(), doubt.getValue() + MORE, Math::max);
    }
  }
}
