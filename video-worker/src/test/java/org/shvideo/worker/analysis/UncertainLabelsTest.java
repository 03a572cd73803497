package org.shvideo.worker.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;
import org.shvideo.worker.yolo.FrameResult;

final class UncertainLabelsTest {
  private final UncertainLabels labels = new UncertainLabels();

  @Test
  void whatIsHalfSeenIsInDoubtTheLikeliestFirst() {
    assertThat(
            mostConfident(uncertain("vase", 0.3f), uncertain("cat", 0.4f), uncertain("dog", 0.35f)))
        .contains("cat");
    assertThat(mostConfident(uncertain("dog", 0.4f), uncertain("cat", 0.4f))).contains("cat");
    assertThat(mostConfident(detected("person"))).isEmpty();
  }

  @Test
  void whatWasSeenClearlyAnywhereInTheClipIsNotInDoubt() {
    labels.addDetected(detected("cat"));

    assertThat(mostConfident(uncertain("cat", 0.4f))).isEmpty();
    assertThat(mostConfident(uncertain("cat", 0.4f), uncertain("dog", 0.3f))).contains("dog");
  }

  @Test
  void anotherLookSettlesADoubt() {
    labels.addAttempt(Map.entry("cat", 0.4f), detected("cat"));

    assertThat(mostConfident(uncertain("cat", 0.4f))).isEmpty();
  }

  @Test
  void afterThreeLooksInVainItMustBeLikelierThanBefore() {
    for (int look = 0; look < 3; look++) {
      assertThat(mostConfident(uncertain("cat", 0.4f))).contains("cat");
      labels.addAttempt(Map.entry("cat", 0.4f), uncertain("cat", 0.35f));
    }

    assertThat(mostConfident(uncertain("cat", 0.42f))).isEmpty();
    assertThat(mostConfident(uncertain("cat", 0.42f), uncertain("dog", 0.3f))).contains("dog");
    assertThat(mostConfident(uncertain("cat", 0.45f))).contains("cat");
  }

  private Optional<String> mostConfident(FrameResult... results) {
    return labels.mostConfident(Arrays.asList(results)).map(Map.Entry::getKey);
  }

  private static FrameResult uncertain(String label, float confidence) {
    return new FrameResult(List.of(), Map.of(label, confidence));
  }

  private static FrameResult detected(String label) {
    return new FrameResult(List.of(new Detection(label, 0.9f, new Box(0, 0, 1, 1))), Map.of());
  }
}
