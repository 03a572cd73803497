package org.shvideo.lab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.lab.evaluate.MotionScan.Event;
import org.shvideo.tasks.settings.Settings;

/** With a pre-roll of 2 s, and 4 s of buffer for motion that is detected late. */
final class MotionEvaluationTest {
  private static final ClipSettings CLIP = ClipSettings.from(Settings.of(Map.of()));

  @Test
  void overlappingMotionsMatch() {
    MotionEvaluation evaluation =
        evaluate(
            List.of(new Event(10.1, 10.5, 20), new Event(40, 40.2, 42)),
            List.of(new Event(10, 10, 14), new Event(16, 16, 20), new Event(30, 30, 32)));

    assertThat(evaluation.events()).isEqualTo(2);
    assertThat(evaluation.exhaustive()).isEqualTo(3);
    assertThat(evaluation.missed()).containsExactly(30.0);
    assertThat(evaluation.added()).containsExactly(40.0);
    assertThat(evaluation.maxStartDelay()).isCloseTo(0.1, within(1e-9));
    assertThat(evaluation.maxDetectionDelay()).isCloseTo(0.5, within(1e-9));
    assertThat(evaluation.preRollSufficient()).isTrue();
  }

  @Test
  void preRollIsTooShortForLateStartsAndLateDetection() {
    assertThat(preRollSuffices(new Event(12, 12.2, 20))).isTrue();
    assertThat(preRollSuffices(new Event(12.1, 12.2, 20))).isFalse();
    assertThat(preRollSuffices(new Event(10, 16, 20))).isTrue();
    assertThat(preRollSuffices(new Event(10, 16.1, 20))).isFalse();
  }

  @Test
  void aFileWithoutMotionIsEvaluated() {
    MotionEvaluation evaluation = evaluate(List.of(), List.of());

    assertThat(evaluation.missed()).isEmpty();
    assertThat(evaluation.preRollSufficient()).isTrue();
  }

  private static boolean preRollSuffices(Event found) {
    return evaluate(List.of(found), List.of(new Event(10, 10, 20))).preRollSufficient();
  }

  private static MotionEvaluation evaluate(List<Event> product, List<Event> exhaustive) {
    return MotionEvaluation.of(new MotionScan(product, 0), new MotionScan(exhaustive, 0), CLIP);
  }
}
