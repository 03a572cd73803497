package org.shvideo.worker.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.shvideo.worker.yolo.Answer;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;

final class UncertainLabelsTest {
  private final UncertainLabels doubts = new UncertainLabels();

  @Test
  void whatIsHalfSeenIsInDoubtTheLikeliestFirst() {
    assertThat(greatest(half("vase", 0.3f), half("cat", 0.4f), half("dog", 0.35f))).contains("cat");
    assertThat(greatest(half("dog", 0.4f), half("cat", 0.4f))).contains("cat");
    assertThat(greatest(clear("person"))).isEmpty();
  }

  @Test
  void whatWasSeenClearlyAnywhereInTheClipIsNotInDoubt() {
    doubts.add(clear("cat"));

    assertThat(greatest(half("cat", 0.4f))).isEmpty();
    assertThat(greatest(half("cat", 0.4f), half("dog", 0.3f))).contains("dog");
  }

  @Test
  void anotherLookSettlesADoubt() {
    doubts.settle(Map.entry("cat", 0.4f), clear("cat"));

    assertThat(greatest(half("cat", 0.4f))).isEmpty();
  }

  @Test
  void afterThreeLooksInVainItMustBeLikelierThanBefore() {
    for (int look = 0; look < 3; look++) {
      assertThat(greatest(half("cat", 0.4f))).contains("cat");
      doubts.settle(Map.entry("cat", 0.4f), half("cat", 0.35f));
    }

    assertThat(greatest(half("cat", 0.42f))).isEmpty();
    assertThat(greatest(half("cat", 0.42f), half("dog", 0.3f))).contains("dog");
    assertThat(greatest(half("cat", 0.45f))).contains("cat");
  }

  private Optional<String> greatest(Answer... answers) {
    return doubts.greatest(Arrays.asList(answers)).map(Map.Entry::getKey);
  }

  private static Answer half(String label, float confidence) {
    return new Answer(List.of(), Map.of(label, confidence));
  }

  private static Answer clear(String label) {
    return new Answer(List.of(new Detection(label, 0.9f, new Box(0, 0, 1, 1))), Map.of());
  }
}
