package org.shvideo.worker.yolo;

import java.util.List;
import java.util.Map;

/**
 * What the model found in one frame.
 *
 * @param detections above the confidence threshold, most confident first
 * @param uncertain labels that are not among these, but at least half as confident, with the
 *     highest confidence of each: another frame may show them clearly
 */
public record FrameResult(List<Detection> detections, Map<String, Float> uncertain) {
  public FrameResult {
    detections = List.copyOf(detections);
    uncertain = Map.copyOf(uncertain);
  }
}
