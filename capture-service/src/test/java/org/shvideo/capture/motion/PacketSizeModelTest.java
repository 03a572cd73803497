package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.motion.PacketSizeModel.Picture;

/** A camera of 25 frames a second whose sizes follow a rhythm and vary by a tenth. */
class PacketSizeModelTest {
  private static final int GOP = 50;
  private static final int SECOND = 25;

  private final PacketSizeModel sizes = new PacketSizeModel();
  private final Random random = new Random(3);
  private int sent;

  @Test
  void aQuietCameraIsHardlyEverUnusual() {
    assertThat(unusual(3600 * SECOND, Picture.CALM, size -> size)).isLessThan(60);
  }

  @Test
  void aRestingCameraStaysUsualThoughItChangesSlowly() {
    unusual(20 * SECOND, Picture.CALM, size -> size);

    int before = sent;
    int seen =
        unusual(
            600 * SECOND,
            Picture.UNSEEN,
            size -> size + (int) (size * (sent - before) / (600.0 * SECOND)));

    assertThat(seen).isLessThan(10);
  }

  @ParameterizedTest(name = "{0} packets of {1} % of the usual size")
  @CsvSource({"1, 300", "1, 25", "12, 160", "12, 60"})
  void whatIsFarOffOrOffForLongIsUnusual(int packets, int percent) {
    unusual(20 * SECOND + 5, Picture.CALM, size -> size);

    assertThat(unusual(packets, Picture.UNSEEN, size -> size * percent / 100)).isPositive();
  }

  @Test
  void nothingIsUnusualBeforeAnythingIsKnown() {
    assertThat(unusual(4 * GOP, Picture.CALM, size -> size * (1 + sent % 3))).isZero();
    assertThat(sizes.known()).isFalse();

    unusual(4 * GOP, Picture.CALM, size -> size);
    assertThat(sizes.known()).isTrue();
  }

  @Test
  void whatMovesIsNotTakenForUsual() {
    unusual(20 * SECOND + 5, Picture.CALM, size -> size);
    unusual(60 * SECOND, Picture.MOVING, size -> size * 2);

    assertThat(unusual(SECOND, Picture.UNSEEN, size -> size * 2)).isGreaterThan(SECOND / 2);
  }

  @Test
  void whatWasLookedAtAndStillIsUsualBeforeLong() {
    unusual(20 * SECOND, Picture.CALM, size -> size);
    unusual(60 * SECOND, Picture.CALM, size -> size * 2);

    assertThat(unusual(20 * SECOND, Picture.UNSEEN, size -> size * 2)).isZero();
  }

  /** Sends so many packets, changed as given, and counts those that are unusual. */
  private int unusual(int packets, Picture picture, IntUnaryOperator change) {
    int count = 0;
    for (int i = 0; i < packets; i++) {
      int place = sent % GOP;
      double rhythm = place == 0 ? 90_000 : 3000 + 60 * place + (place % 2 == 0 ? 2000 : 0);
      int size = (int) (rhythm * Math.exp(0.1 * random.nextGaussian()));
      if (sizes.margin(place == 0, sent * 40_000L, change.applyAsInt(size), picture) > 1) {
        count++;
      }
      sent++;
    }
    return count;
  }
}
