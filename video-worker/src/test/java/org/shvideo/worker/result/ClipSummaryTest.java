package org.shvideo.worker.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;

final class ClipSummaryTest {
  private final ClipSummary summary = new ClipSummary();

  @Test
  void labelsComeInTheOrderOfTheirFirstAppearance() {
    summary.add(0, List.of());
    summary.add(1, List.of(seen("tv", 0.9f), seen("person", 0.6f)));
    summary.add(2, List.of(seen("person", 0.95f), seen("cat", 0.9f), seen("tv", 0.8f)));

    assertThat(summary.objects())
        .extracting(DetectedObject::label)
        .containsExactly("tv", "person", "cat");
    assertThat(summary.analysed()).isEqualTo(3);
  }

  @Test
  void anObjectIsSummedUpOverItsFrames() {
    summary.add(0.04, List.of(at("person", 0.6f, 10.4f), at("person", 0.55f, 99)));
    summary.add(0.4, List.of(at("cat", 0.7f, 1)));
    summary.add(
        1.2345,
        List.of(at("person", 0.912345f, 20.5f), at("person", 0.9f, 30), at("person", 0.8f, 40)));
    summary.add(2, List.of(at("person", 0.7f, 50)));

    assertThat(summary.objects())
        .containsExactly(
            new DetectedObject("person", 0.912, 3, 0.04, 2, 3, List.of(21, 2, 31, 12)),
            new DetectedObject("cat", 0.7, 1, 0.4, 0.4, 1, List.of(1, 2, 11, 12)));
  }

  @Test
  void nothingSeenIsNothingSaid() {
    summary.add(0, List.of());

    assertThat(summary.objects()).isEmpty();
  }

  private static Detection seen(String label, float confidence) {
    return at(label, confidence, 0);
  }

  private static Detection at(String label, float confidence, float left) {
    return new Detection(label, confidence, new Box(left, 2, left + 10, 12));
  }
}
