package org.shvideo.worker.yolo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.shvideo.worker.yolo.NonMaxSuppression.Candidate;

final class YoloOutputTest {
  private final YoloOutput output = new YoloOutput(3, 0.5f);

  @Test
  void aRowStandsForItsMostProbableClass() {
    float[][] planes = {
      {100, 200, 300, 400}, // centre x
      {50, 60, 70, 80}, // centre y
      {20, 40, 10, 10}, // width
      {10, 30, 10, 10}, // height
      {0.1f, 0.6f, 0.5f, 0},
      {0.9f, 0.7f, 0.2f, 0},
      {0.3f, 0.65f, 0.1f, 0.51f},
    };

    assertThat(output.candidates(flat(planes), 4))
        .containsExactly(
            new Candidate(1, 0.9f, new Box(90, 45, 110, 55)),
            new Candidate(1, 0.7f, new Box(180, 45, 220, 75)),
            // the third is at the threshold, not above it
            new Candidate(2, 0.51f, new Box(395, 75, 405, 85)));
  }

  @Test
  void oneFrameLeavesNothingBehindForTheNext() {
    float[][] full = {{1, 1}, {1, 1}, {2, 2}, {2, 2}, {0.9f, 0.9f}, {0, 0}, {0, 0}};
    float[][] empty = {{1, 1}, {1, 1}, {2, 2}, {2, 2}, {0, 0}, {0, 0}, {0, 0}};
    float[][] longer = {
      {1, 1, 1}, {1, 1, 1}, {2, 2, 2}, {2, 2, 2}, {0, 0, 0}, {0, 0, 0.8f}, {0, 0, 0}
    };

    assertThat(output.candidates(flat(full), 2)).hasSize(2);
    assertThat(output.candidates(flat(empty), 2)).isEmpty();
    assertThat(output.candidates(flat(longer), 3))
        .containsExactly(new Candidate(1, 0.8f, new Box(0, 0, 2, 2)));
  }

  private static FloatBuffer flat(float[][] planes) {
    FloatBuffer flat = FloatBuffer.allocate(planes.length * planes[0].length);
    for (float[] plane : planes) {
      flat.put(plane);
    }
    return flat.flip();
  }
}
