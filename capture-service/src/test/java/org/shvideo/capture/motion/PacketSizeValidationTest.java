package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.motion.PacketSizeModel.Baseline;

/** Motions of twice the minimum area, half a minute apart, in a stream with 25 frames/s. */
class PacketSizeValidationTest {
  private static final int MIN_AREA = 5000;
  private static final long SECOND = 1_000_000;
  private static final double DEVIATION = 2.1;

  private final PacketSizeValidation validation = new PacketSizeValidation(MIN_AREA, 5 * SECOND);
  private Baseline baseline = new Baseline(7, 0.1);
  private long now;

  @Test
  void validAfterThreeRevealedMotionsInARow() {
    revealed(0.2, DEVIATION);
    revealed(-0.4, DEVIATION);
    assertThat(validation.isValid()).isFalse();

    revealed(0.4, DEVIATION);
    assertThat(validation.isValid()).isTrue();
  }

  @Test
  void invalidAfterAMotionThatWasNotRevealed() {
    validate();

    motion(2 * MIN_AREA);
    assertThat(validation.isValid()).isFalse();
    revealed(0, DEVIATION);
    revealed(0, DEVIATION);
    assertThat(validation.isValid()).isFalse();
    revealed(0, DEVIATION);
    assertThat(validation.isValid()).isTrue();
  }

  @Test
  void unusualSizeThatComesTooLateDoesNotCount() {
    validate();

    revealed(0.6, DEVIATION);

    assertThat(validation.isValid()).isFalse();
  }

  @ParameterizedTest(name = "{0} times the minimum area: {1}")
  @CsvSource({"1, 2", "8, 2", "20, 5"})
  void tooSmallDeviationIsIgnored(int areas, double required) {
    for (int i = 0; i < 10; i++) {
      motion(areas * MIN_AREA, 0, 0.95 * required);
    }
    assertThat(validation.isValid()).isFalse();

    for (int i = 0; i < PacketSizeValidation.REQUIRED_MOTIONS; i++) {
      motion(areas * MIN_AREA, 0, 1.05 * required);
    }
    assertThat(validation.isValid()).isTrue();
    motion(areas * MIN_AREA, 0, 0.95 * required);
    assertThat(validation.isValid()).isTrue();
  }

  @Test
  void unusualSizeBeforeTheMotionIsIgnored() {
    for (int i = 0; i < 10; i++) {
      revealed(-2, DEVIATION, 0, DEVIATION);
    }
    assertThat(validation.isValid()).isFalse();

    validate();
    revealed(-2, DEVIATION, 2, DEVIATION);
    assertThat(validation.isValid()).isTrue();
  }

  @Test
  void changeOfTheWholePictureIsIgnored() {
    for (int i = 0; i < 10; i++) {
      validation.possibleMotion(now + 10 * SECOND, Double.POSITIVE_INFINITY);
      revealed(0, 1000);
    }

    assertThat(validation.isValid()).isFalse();
  }

  @Test
  void invalidAfterTheUsualSizeHasChanged() {
    validate();
    baseline = new Baseline(7 + Math.log(1.4), 0.1);
    pass(1);
    assertThat(validation.isValid()).isTrue();
    baseline = new Baseline(7 + Math.log(1.6), 0.1);
    pass(1);
    assertThat(validation.isValid()).isFalse();

    validate();
    baseline = new Baseline(7, 0.1);
    pass(1);
    assertThat(validation.isValid()).isFalse();
  }

  @Test
  void invalidAfterTheSpreadHasDoubled() {
    validate();
    baseline = new Baseline(7, 0.19);
    pass(1);
    assertThat(validation.isValid()).isTrue();
    baseline = new Baseline(7, 0.21);
    pass(1);

    assertThat(validation.isValid()).isFalse();
  }

  @Test
  void eachRevealedMotionRenewsIt() {
    validate();
    for (int i = 1; i <= 5; i++) {
      baseline = new Baseline(7 + i * Math.log(1.4), 0.1);
      revealed(0, DEVIATION);
      assertThat(validation.isValid()).isTrue();
    }
  }

  private void validate() {
    for (int i = 0; i < PacketSizeValidation.REQUIRED_MOTIONS; i++) {
      revealed(0, DEVIATION);
    }
    assertThat(validation.isValid()).isTrue();
  }

  /** A motion with packets of unusual size: seconds after its beginning, and deviations. */
  private void revealed(double... unusual) {
    motion(2 * MIN_AREA, unusual);
  }

  private void motion(double area, double... unusual) {
    long since = now + 10 * SECOND;
    long end = now + 30 * SECOND;
    boolean begun = false;
    while (now < end) {
      double deviation = 0.5;
      for (int i = 0; i < unusual.length; i += 2) {
        if (now <= since + unusual[i] * SECOND && now + 40_000 > since + unusual[i] * SECOND) {
          deviation = unusual[i + 1];
        }
      }
      packet(deviation);
      if (now >= since && now < since + 5 * SECOND) {
        validation.possibleMotion(now, area);
      }
      if (!begun && now >= since + SECOND / 5) {
        validation.motionBegan(since);
        begun = true;
      }
    }
  }

  private void pass(int seconds) {
    for (int i = 0; i < 25 * seconds; i++) {
      packet(0.5);
    }
  }

  private void packet(double deviation) {
    validation.packet(now, deviation, baseline);
    now += 40_000;
  }
}
