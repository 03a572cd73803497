package org.shvideo.worker.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.worker.yolo.NonMaxSuppression.Candidate;

final class NonMaxSuppressionTest {
  private final NonMaxSuppression suppression = new NonMaxSuppression(0.7f);

  @ParameterizedTest
  @CsvSource({
    // the second box, and its overlap with 0, 0, 10, 10
    "0, 0, 10, 10, 1",
    "0, 0, 10, 5, 0.5",
    "5, 0, 15, 10, 0.3333333",
    "5, 5, 15, 15, 0.1428571",
    "10, 0, 20, 10, 0",
    "20, 20, 30, 30, 0",
    "2, 2, 4, 4, 0.04",
    "3, 3, 3, 3, 0",
  })
  void overlapIsIntersectionOverUnion(
      float left, float top, float right, float bottom, float expected) {
    Box box = new Box(0, 0, 10, 10);
    Box other = new Box(left, top, right, bottom);

    assertThat(box.iou(other)).isCloseTo(expected, within(1e-6f));
    assertThat(other.iou(box)).isCloseTo(expected, within(1e-6f));
  }

  @Test
  void emptyBoxesDoNotOverlap() {
    Box empty = new Box(3, 3, 3, 3);

    assertThat(empty.iou(empty)).isZero();
  }

  @Test
  void ofOverlappingCandidatesTheMostConfidentStays() {
    Candidate weak = new Candidate(0, 0.6f, new Box(0, 0, 10, 10));
    Candidate strong = new Candidate(0, 0.9f, new Box(0, 1, 10, 10));
    Candidate elsewhere = new Candidate(0, 0.7f, new Box(50, 50, 60, 60));

    assertThat(suppression.keep(List.of(weak, elsewhere, strong)))
        .containsExactly(strong, elsewhere);
  }

  @Test
  void otherClassesAreLeftAlone() {
    Candidate dog = new Candidate(16, 0.9f, new Box(0, 0, 10, 10));
    Candidate cat = new Candidate(15, 0.8f, new Box(0, 0, 10, 10));

    assertThat(suppression.keep(List.of(cat, dog))).containsExactly(dog, cat);
  }

  @Test
  void anOverlapOfJustTheThresholdIsTwoObjects() {
    Candidate wide = new Candidate(0, 0.9f, new Box(0, 0, 10, 10));
    Candidate half = new Candidate(0, 0.8f, new Box(0, 0, 10, 5));

    assertThat(new NonMaxSuppression(0.5f).keep(List.of(wide, half))).containsExactly(wide, half);
    assertThat(new NonMaxSuppression(0.49f).keep(List.of(wide, half))).containsExactly(wide);
  }

  @Test
  void aSuppressedCandidateSuppressesNothing() {
    Candidate first = new Candidate(0, 0.9f, new Box(0, 0, 10, 10));
    Candidate second = new Candidate(0, 0.8f, new Box(0, 1.5f, 10, 11.5f)); // 0.74 with the first
    Candidate third = new Candidate(0, 0.7f, new Box(0, 3, 10, 13)); // 0.74 with the second only

    assertThat(suppression.keep(List.of(first, second, third))).containsExactly(first, third);
  }

  @Test
  void keepsThreeHundredAtMost() {
    List<Candidate> crowd = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      crowd.add(new Candidate(0, 0.5f + i / 1000f, new Box(i * 20, 0, i * 20 + 10, 10)));
    }

    assertThat(suppression.keep(crowd)).hasSize(300).first().isEqualTo(crowd.get(499));
  }
}
