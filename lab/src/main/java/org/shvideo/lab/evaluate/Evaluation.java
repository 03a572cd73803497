package org.shvideo.lab.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.shvideo.lab.measure.Timing;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/**
 * How the adaptive analysis of a clip compares with the analysis of every frame.
 *
 * @param every the analysis of every frame
 * @param classes all classes that either analysis or the reference has
 * @param agreement of {@code adaptive} with {@code every}
 * @param framesRatio frames analysed by {@code every} per frame analysed by {@code adaptive}
 * @param elapsedRatio elapsed time of {@code every} as a multiple of {@code adaptive}
 * @param processorRatio processor time of {@code every} as a multiple of {@code adaptive}
 * @param reference agreement of {@code every} with the reference; null if there is none
 * @param motion what capture detects in the clip; null if that was not evaluated
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Evaluation(
    String file,
    int frames,
    Pass every,
    Pass adaptive,
    List<ClassCount> classes,
    @JsonUnwrapped Agreement agreement,
    @JsonProperty("frames_ratio") double framesRatio,
    @JsonProperty("elapsed_ratio") double elapsedRatio,
    @JsonProperty("processor_ratio") double processorRatio,
    Agreement reference,
    MotionEvaluation motion) {

  /** A class in fewer of the frames may be missed. */
  static final double MIN_FRAME_SHARE = 0.01;

  record Pass(
      int analysed,
      @JsonProperty("elapsed_s") double elapsedSeconds,
      @JsonProperty("processor_s") double processorSeconds) {
    static Pass of(DetectionLine line, Timing timing) {
      return new Pass(line.analysed(), timing.wall(), timing.processor());
    }
  }

  /** The number of analysed frames that have a class; null where there is no reference. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ClassCount(String label, int every, int adaptive, Integer reference) {}

  /**
   * How the classes found compare with the known ones.
   *
   * @param recall share of the frames of all known classes that belong to classes found; 1 if there
   *     are none
   * @param missed known classes in at least {@link #MIN_FRAME_SHARE} of the frames
   * @param added classes found that are not known
   */
  record Agreement(double recall, List<String> missed, List<String> added) {
    static Agreement of(Map<String, Integer> found, Map<String, Integer> known, int frames) {
      return new Agreement(
          weightedRecall(known, found.keySet()),
          known.keySet().stream()
              .filter(label -> !found.containsKey(label))
              .filter(label -> known.get(label) >= MIN_FRAME_SHARE * frames)
              .toList(),
          found.keySet().stream().filter(label -> !known.containsKey(label)).toList());
    }

    private static double weightedRecall(Map<String, Integer> known, Set<String> found) {
      long all = 0;
      long recalled = 0;
      for (var entry : known.entrySet()) {
        all += entry.getValue();
        recalled += found.contains(entry.getKey()) ? entry.getValue() : 0;
      }
      return all == 0 ? 1 : (double) recalled / all;
    }
  }

  /**
   * Compares two results for one clip.
   *
   * @param reference the number of frames that have each class; null if unknown
   * @param motion null if not evaluated
   */
  static Evaluation of(
      DetectionLine every,
      Timing everyTiming,
      DetectionLine adaptive,
      Timing adaptiveTiming,
      Map<String, Integer> reference,
      MotionEvaluation motion) {
    Map<String, Integer> all = frames(every);
    Map<String, Integer> some = frames(adaptive);
    List<ClassCount> classes =
        Stream.of(all, some, reference == null ? Map.<String, Integer>of() : reference)
            .flatMap(seen -> seen.keySet().stream())
            .distinct()
            .map(
                label ->
                    new ClassCount(
                        label,
                        all.getOrDefault(label, 0),
                        some.getOrDefault(label, 0),
                        reference == null ? null : reference.getOrDefault(label, 0)))
            .toList();
    return new Evaluation(
        every.filename(),
        every.frames(),
        Pass.of(every, everyTiming),
        Pass.of(adaptive, adaptiveTiming),
        classes,
        Agreement.of(some, all, every.frames()),
        (double) every.analysed() / adaptive.analysed(),
        everyTiming.wallRatio(adaptiveTiming, 1),
        everyTiming.processorRatio(adaptiveTiming, 1),
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
