package org.shvideo.tasks.log;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What was seen of one label in a clip.
 *
 * @param confidence the highest, 0 to 1
 * @param frames in how many analysed frames it was seen
 * @param firstSeconds from the clip's start to the first of these frames
 * @param lastSeconds to the last of these frames
 * @param maxAtOnce the most seen in one frame
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
    confidence = DetectionLine.round(confidence, 4);
    firstSeconds = DetectionLine.round(firstSeconds, 3);
    lastSeconds = DetectionLine.round(lastSeconds, 3);
    box = box == null ? List.of() : List.copyOf(box);
  }
}
