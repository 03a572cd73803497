package org.shvideo.worker.yolo;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.shvideo.worker.yolo.NonMaxSuppression.Candidate;

/**
 * Reads what the model returns for one frame: {@code 4 + classes} planes of one value a row
 * (anchor): centre x, centre y, width, height in pixels of the input, then each class's
 * probability. A row stands for its most probable class only, as in Ultralytics' prediction. Keeps
 * its working memory from frame to frame; not thread-safe.
 */
final class YoloOutput {
  static final int BOX_PLANES = 4;

  private final int classes;
  private final float confidence;
  private float[] plane = new float[0];
  private float[] best = new float[0];
  private int[] bestClass = new int[0];

  YoloOutput(int classes, float confidence) {
    this.classes = classes;
    this.confidence = confidence;
  }

  /** Lists the rows above the confidence, from {@code (4 + classes) * rows} values. */
  List<Candidate> candidates(FloatBuffer output, int rows) {
    if (plane.length != rows) {
      plane = new float[rows];
      best = new float[rows];
      bestClass = new int[rows];
    }
    Arrays.fill(best, confidence);
    Arrays.fill(bestClass, -1);
    for (int c = 0; c < classes; c++) {
      output.get((BOX_PLANES + c) * rows, plane);
      for (int row = 0; row < rows; row++) {
        if (plane[row] > best[row]) {
          best[row] = plane[row];
          bestClass[row] = c;
        }
      }
    }
    List<Candidate> candidates = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      if (bestClass[row] >= 0) {
        float halfWidth = output.get(2 * rows + row) / 2;
        float halfHeight = output.get(3 * rows + row) / 2;
        float x = output.get(row);
        float y = output.get(rows + row);
        candidates.add(
            new Candidate(
                bestClass[row],
                best[row],
                new Box(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight)));
      }
    }
    return candidates;
  }
}
