package org.shvideo.worker.yolo;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.nio.FloatBuffer;
import java.util.HashSet;
import java.util.List;
import org.shvideo.worker.yolo.NonMaxSuppression.Candidate;

/**
 * Whatever a model returns, also what is no number: candidates are above the threshold and of a
 * class that there is, and those that are kept are the best and do not overlap.
 */
public final class YoloOutputFuzz {
  private YoloOutputFuzz() {}

  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    float threshold = data.consumeProbabilityFloat();
    float iou = data.consumeProbabilityFloat();
    int classes = data.consumeInt(1, 5);
    int rows = data.consumeInt(1, 40);
    boolean plausible = data.consumeBoolean();
    float[] values = new float[(YoloOutput.BOX_PLANES + classes) * rows];
    for (int i = 0; i < values.length && data.remainingBytes() > 0; i++) {
      values[i] = plausible ? data.consumeRegularFloat(0, 640) : data.consumeFloat();
      if (plausible && i >= YoloOutput.BOX_PLANES * rows) {
        values[i] /= 640;
      }
    }
    List<Candidate> candidates =
        new YoloOutput(classes, threshold).candidates(FloatBuffer.wrap(values), rows);
    require(candidates.size() <= rows, "one candidate a row");
    for (Candidate candidate : candidates) {
      require(candidate.confidence() > threshold, "the confidence");
      require(candidate.classIndex() >= 0 && candidate.classIndex() < classes, "the class");
    }
    List<Candidate> kept = new NonMaxSuppression(iou).keep(candidates);
    require(kept.isEmpty() == candidates.isEmpty(), "the best one stays");
    require(new HashSet<>(candidates).containsAll(kept), "nothing is invented");
    for (int i = 0; i < kept.size(); i++) {
      for (int j = 0; j < i; j++) {
        require(kept.get(j).confidence() >= kept.get(i).confidence(), "best first");
        float overlap = kept.get(j).box().iou(kept.get(i).box());
        require(overlap >= 0 && overlap <= 1.001, "the overlap");
        require(
            kept.get(j).classIndex() != kept.get(i).classIndex() || overlap <= iou,
            "kept although it overlaps");
      }
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
