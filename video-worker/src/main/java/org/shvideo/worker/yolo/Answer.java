package org.shvideo.worker.yolo;

import java.util.List;
import java.util.Map;

/**
 * What the model says about one frame.
 *
 * @param detections above the confidence asked for, most confident first
 * @param doubtful labels that are not among these, but half as likely or more, with the highest
 *     confidence of each: another frame may show them clearly
 */
public record Answer(List<Detection> detections, Map<String, Float> doubtful) {
  public Answer {
    detections = List.copyOf(detections);
    doubtful = Map.copyOf(doubtful);
  }
}
