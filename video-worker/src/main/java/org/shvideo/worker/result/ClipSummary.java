package org.shvideo.worker.result;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;

/** What was seen in the analysed frames of one clip, label by label. Not thread-safe. */
public final class ClipSummary {
  private final Map<String, Sighting> sightings = new LinkedHashMap<>();
  private int analysed;

  private static final class Sighting {
    private int frames;
    private double firstSeconds;
    private double lastSeconds;
    private int maxAtOnce;
    private Detection best;
  }

  /** Adds a frame, in the clip's order, with its detections, most confident first. */
  public void add(double seconds, List<Detection> detections) {
    analysed++;
    Map<String, Integer> atOnce = new HashMap<>();
    for (Detection detection : detections) {
      Sighting sighting = sightings.computeIfAbsent(detection.label(), label -> new Sighting());
      int count = atOnce.merge(detection.label(), 1, Integer::sum);
      if (count == 1) {
        if (sighting.frames == 0) {
          sighting.firstSeconds = seconds;
        }
        sighting.frames++;
        sighting.lastSeconds = seconds;
      }
      sighting.maxAtOnce = Math.max(sighting.maxAtOnce, count);
      if (sighting.best == null || detection.confidence() > sighting.best.confidence()) {
        sighting.best = detection;
      }
    }
  }

  /** How many frames were added. */
  public int analysed() {
    return analysed;
  }

  /** One per label, in order of first appearance; within one frame the most confident first. */
  public List<DetectedObject> objects() {
    List<DetectedObject> objects = new ArrayList<>();
    sightings.forEach(
        (label, seen) ->
            objects.add(
                new DetectedObject(
                    label,
                    seen.best.confidence(),
                    seen.frames,
                    seen.firstSeconds,
                    seen.lastSeconds,
                    seen.maxAtOnce,
                    pixels(seen.best.box()))));
    return objects;
  }

  private static List<Integer> pixels(Box box) {
    return List.of(
        Math.round(box.left()),
        Math.round(box.top()),
        Math.round(box.right()),
        Math.round(box.bottom()));
  }
}
