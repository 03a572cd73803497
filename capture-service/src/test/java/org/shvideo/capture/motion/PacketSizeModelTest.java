package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.motion.PacketSizeModel.Activity;

/** A camera with 25 frames/s whose packet sizes follow a pattern and vary by a tenth. */
class PacketSizeModelTest {
  private static final int GOP = 50;
  private static final int SECOND = 25;

  private final PacketSizeModel sizes = new PacketSizeModel();
  private final Random random = new Random(3);
  private int sent;

  @Test
  void stillPictureHardlyEverHasUnusualSizes() {
    assertThat(unusual(3600 * SECOND, Activity.STILL, size -> size)).isLessThan(60);
  }

  @Test
  void gradualChangeWhileRestingIsNotUnusual() {
    unusual(20 * SECOND, Activity.STILL, size -> size);

    int before = sent;
    int count =
        unusual(
            600 * SECOND,
            Activity.UNKNOWN,
            size -> size + (int) (size * (sent - before) / (600.0 * SECOND)));

    assertThat(count).isLessThan(10);
  }

  @ParameterizedTest(name = "{0} packets of {1} % of the usual size")
  @CsvSource({"1, 300", "1, 25", "12, 160", "12, 60"})
  void largeDeviationOrLongRunIsUnusual(int packets, int percent) {
    unusual(20 * SECOND + 5, Activity.STILL, size -> size);

    assertThat(unusual(packets, Activity.UNKNOWN, size -> size * percent / 100)).isPositive();
  }

  @Test
  void nothingIsUnusualBeforeSizesAreLearnt() {
    assertThat(unusual(4 * GOP, Activity.STILL, size -> size * (1 + sent % 3))).isZero();
    assertThat(sizes.isLearnt()).isFalse();

    unusual(4 * GOP, Activity.STILL, size -> size);
    assertThat(sizes.isLearnt()).isTrue();
  }

  @Test
  void sizesDuringMotionAreNotLearnt() {
    unusual(20 * SECOND + 5, Activity.STILL, size -> size);
    unusual(60 * SECOND, Activity.MOVING, size -> size * 2);

    assertThat(unusual(SECOND, Activity.UNKNOWN, size -> size * 2)).isGreaterThan(SECOND / 2);
  }

  @Test
  void sizesOfAnalysedStillFramesAreLearnt() {
    unusual(20 * SECOND, Activity.STILL, size -> size);
    unusual(60 * SECOND, Activity.STILL, size -> size * 2);

    assertThat(unusual(20 * SECOND, Activity.UNKNOWN, size -> size * 2)).isZero();
  }

  /** Sends packets with changed sizes and counts the unusual ones. */
  private int unusual(int packets, Activity activity, IntUnaryOperator change) {
    int count = 0;
    for (int i = 0; i < packets; i++) {
      int position = sent % GOP;
      double pattern =
          position == 0 ? 90_000 : 3000 + 60 * position + (position % 2 == 0 ? 2000 : 0);
      int size = (int) (pattern * Math.exp(0.1 * random.nextGaussian()));
      if (sizes.deviation(position == 0, sent * 40_000L, change.applyAsInt(size), activity) > 1) {
        count++;
      }
      sent++;
    }
    return count;
  }
}
