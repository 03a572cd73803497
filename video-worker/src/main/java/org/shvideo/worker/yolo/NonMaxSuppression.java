package org.shvideo.worker.yolo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps the best of the candidates for the same object: a candidate is dropped when a better one of
 * the same class overlaps it by more than the threshold. As Ultralytics' {@code
 * non_max_suppression} does it, with its limits.
 *
 * @param iou candidates of one class that overlap by more than this are one object, 0 to 1
 */
record NonMaxSuppression(float iou) {
  /** Ultralytics' {@code max_nms}: only the best candidates are compared. */
  private static final int MAX_CANDIDATES = 30_000;

  /** Ultralytics' {@code max_det}. */
  private static final int MAX_KEPT = 300;

  /** What the model proposes, before suppression. */
  record Candidate(int classIndex, float confidence, Box box) {}

  /** The candidates that stay, best first. */
  List<Candidate> keep(List<Candidate> candidates) {
    List<Candidate> sorted =
        candidates.stream()
            .sorted(Comparator.comparing(Candidate::confidence).reversed())
            .limit(MAX_CANDIDATES)
            .toList();
    List<Candidate> kept = new ArrayList<>();
    for (Candidate candidate : sorted) {
      if (kept.stream().noneMatch(better -> suppresses(better, candidate))) {
        kept.add(candidate);
        if (kept.size() == MAX_KEPT) {
          break;
        }
      }
    }
    return kept;
  }

  private boolean suppresses(Candidate better, Candidate candidate) {
    return better.classIndex == candidate.classIndex && better.box.iou(candidate.box) > iou;
  }
}
