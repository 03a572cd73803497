package org.shvideo.tasks.log;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * One label's detections in a clip. Seconds are rounded to 2 decimals, the confidence to 3.
 *
 * @param confidence the highest, 0 to 1
 * @param frames number of analysed frames with the label
 * @param firstSeconds from the clip's start to the first of these frames
 * @param lastSeconds from the clip's start to the last of these frames
 * @param maxAtOnce the most objects with the label in one frame
 * @param box of the highest confidence: left, top, right, bottom in pixels of the clip
 */
public record DetectedObject(
    String label,
    double confidence,
    int frames,
    @JsonProperty("first_s") double firstSeconds,
    @JsonProperty("last_s") double lastSeconds,
    @JsonProperty("max_at_once") int maxAtOnce,
    List<Integer> box) {

  public DetectedObject {
    label = DetectionLine.interned(label);
    confidence = DetectionLine.round(confidence, 3);
    firstSeconds = DetectionLine.round(firstSeconds, 2);
    lastSeconds = DetectionLine.round(lastSeconds, 2);
    box = box == null ? List.of() : List.copyOf(box);
  }
}
