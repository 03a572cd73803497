package org.shvideo.lab.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.shvideo.lab.measure.Cost;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/**
 * What one clip's adaptive analysis has found of what the analysis of every frame finds, and at
 * what cost.
 *
 * @param every the analysis of every frame
 * @param classes all that either has seen, or the reference
 * @param recall of the frames in which {@code every} sees a class, class by class, the share that
 *     belongs to classes that {@code adaptive} has found; 1 where there is nothing to be seen
 * @param missed classes that are in {@link #FREQUENT} of the frames or more, and were not found
 * @param added classes that {@code adaptive} has found and {@code every} has not
 * @param framesRatio how many times fewer frames were analysed
 * @param elapsedRatio how many times sooner it was done
 * @param processorRatio how many times less processor time it took
 * @param reference how {@code every} compares with what is known of the clip; null where nothing is
 * @param motion what capture finds in it; null where that was not asked
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Evaluation(
    String file,
    int frames,
    Pass every,
    Pass adaptive,
    List<Sighting> classes,
    double recall,
    List<String> missed,
    List<String> added,
    @JsonProperty("frames_ratio") double framesRatio,
    @JsonProperty("elapsed_ratio") double elapsedRatio,
    @JsonProperty("processor_ratio") double processorRatio,
    Agreement reference,
    MotionEvaluation motion) {

  /** A class in fewer of a clip's frames may be missed. */
  static final double FREQUENT = 0.01;

  /** One analysis of the clip. */
  record Pass(
      int analysed,
      @JsonProperty("elapsed_s") double elapsedSeconds,
      @JsonProperty("processor_s") double processorSeconds) {
    static Pass of(DetectionLine line, Cost cost) {
      return new Pass(line.analysed(), cost.wall(), cost.processor());
    }
  }

  /**
   * In how many analysed frames a class was seen.
   *
   * @param reference null where nothing is known of the clip
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Sighting(String label, int every, int adaptive, Integer reference) {}

  /** What {@code every} finds of the reference, as {@link Evaluation} says it of the adaptive. */
  record Agreement(double recall, List<String> missed, List<String> added) {
    static Agreement of(Map<String, Integer> found, Map<String, Integer> known, int frames) {
      return new Agreement(
          weightedRecall(known, found.keySet()),
          known.keySet().stream()
              .filter(label -> !found.containsKey(label))
              .filter(label -> known.get(label) >= FREQUENT * frames)
              .toList(),
          found.keySet().stream().filter(label -> !known.containsKey(label)).toList());
    }

    private static double weightedRecall(Map<String, Integer> known, Set<String> found) {
      long all = 0;
      long kept = 0;
      for (var entry : known.entrySet()) {
        all += entry.getValue();
        kept += found.contains(entry.getKey()) ? entry.getValue() : 0;
      }
      return all == 0 ? 1 : (double) kept / all;
    }
  }

  /**
   * Compares two lines of one clip.
   *
   * @param reference in how many frames each class is known to be seen; null where nothing is known
   * @param motion null where that was not asked
   */
  static Evaluation of(
      DetectionLine every,
      Cost everyCost,
      DetectionLine adaptive,
      Cost adaptiveCost,
      Map<String, Integer> reference,
      MotionEvaluation motion) {
    Map<String, Integer> all = frames(every);
    Map<String, Integer> some = frames(adaptive);
    List<Sighting> classes = new ArrayList<>();
    Stream.of(all, some, reference == null ? Map.<String, Integer>of() : reference)
        .flatMap(seen -> seen.keySet().stream())
        .distinct()
        .forEach(
            label ->
                classes.add(
                    new Sighting(
                        label,
                        all.getOrDefault(label, 0),
                        some.getOrDefault(label, 0),
                        reference == null ? null : reference.getOrDefault(label, 0))));
    Agreement agreement = Agreement.of(some, all, every.frames());
    return new Evaluation(
        every.filename(),
        every.frames(),
        Pass.of(every, everyCost),
        Pass.of(adaptive, adaptiveCost),
        classes,
        agreement.recall(),
        agreement.missed(),
        agreement.added(),
        (double) every.analysed() / adaptive.analysed(),
        everyCost.over(adaptiveCost, 1),
        everyCost.processorOver(adaptiveCost, 1),
        reference == null ? null : Agreement.of(all, reference, every.frames()),
        motion);
  }

  private static Map<String, Integer> frames(DetectionLine line) {
    Map<String, Integer> frames = new LinkedHashMap<>();
    for (DetectedObject object : line.objects()) {
      frames.put(object.label(), object.frames());
    }
    return frames;
  }
}
