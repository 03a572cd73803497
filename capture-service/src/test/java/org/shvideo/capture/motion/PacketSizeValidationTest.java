package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.motion.PacketSizeModel.Usual;

/** Motions of twice the smallest area, half a minute apart, on a stream of 25 frames a second. */
class PacketSizeValidationTest {
  private static final int SMALLEST = 5000;
  private static final long SECOND = 1_000_000;
  private static final double ENOUGH = 2.1;

  private final PacketSizeValidation proof = new PacketSizeValidation(SMALLEST, 5 * SECOND);
  private Usual usual = new Usual(7, 0.1);
  private long now;

  @Test
  void threeMotionsInARowThatWereToldOfAreProof() {
    told(0.2, ENOUGH);
    told(-0.4, ENOUGH);
    assertThat(proof.holds()).isFalse();

    told(0.4, ENOUGH);
    assertThat(proof.holds()).isTrue();
  }

  @Test
  void oneThatWasNotToldOfTakesItBack() {
    prove();

    motion(2 * SMALLEST);
    assertThat(proof.holds()).isFalse();
    told(0, ENOUGH);
    told(0, ENOUGH);
    assertThat(proof.holds()).isFalse();
    told(0, ENOUGH);
    assertThat(proof.holds()).isTrue();
  }

  @Test
  void whatIsToldOfTooLateIsNotToldOf() {
    prove();

    told(0.6, ENOUGH);

    assertThat(proof.holds()).isFalse();
  }

  @ParameterizedTest(name = "{0} times the smallest area: {1}")
  @CsvSource({"1, 2", "8, 2", "20, 5"})
  void whatIsToldOfByTooLittleForASmallOneSaysNothing(int areas, double enough) {
    for (int i = 0; i < 10; i++) {
      motion(areas * SMALLEST, 0, 0.95 * enough);
    }
    assertThat(proof.holds()).isFalse();

    for (int i = 0; i < PacketSizeValidation.MOTIONS; i++) {
      motion(areas * SMALLEST, 0, 1.05 * enough);
    }
    assertThat(proof.holds()).isTrue();
    motion(areas * SMALLEST, 0, 0.95 * enough);
    assertThat(proof.holds()).isTrue();
  }

  @Test
  void whatWasUnusualBeforeSaysNothing() {
    for (int i = 0; i < 10; i++) {
      told(-2, ENOUGH, 0, ENOUGH);
    }
    assertThat(proof.holds()).isFalse();

    prove();
    told(-2, ENOUGH, 2, ENOUGH);
    assertThat(proof.holds()).isTrue();
  }

  @Test
  void aChangeOfTheWholePictureSaysNothing() {
    for (int i = 0; i < 10; i++) {
      proof.seen(now + 10 * SECOND, Double.POSITIVE_INFINITY);
      told(0, 1000);
    }

    assertThat(proof.holds()).isFalse();
  }

  @Test
  void itHoldsForTheSizesOfItsTime() {
    prove();
    usual = new Usual(7 + Math.log(1.4), 0.1);
    pass(1);
    assertThat(proof.holds()).isTrue();
    usual = new Usual(7 + Math.log(1.6), 0.1);
    pass(1);
    assertThat(proof.holds()).isFalse();

    prove();
    usual = new Usual(7, 0.1);
    pass(1);
    assertThat(proof.holds()).isFalse();
  }

  @Test
  void itHoldsWhileSizesDifferAsLittle() {
    prove();
    usual = new Usual(7, 0.19);
    pass(1);
    assertThat(proof.holds()).isTrue();
    usual = new Usual(7, 0.21);
    pass(1);

    assertThat(proof.holds()).isFalse();
  }

  @Test
  void eachMotionThatIsToldOfRenewsIt() {
    prove();
    for (int i = 1; i <= 5; i++) {
      usual = new Usual(7 + i * Math.log(1.4), 0.1);
      told(0, ENOUGH);
      assertThat(proof.holds()).isTrue();
    }
  }

  private void prove() {
    for (int i = 0; i < PacketSizeValidation.MOTIONS; i++) {
      told(0, ENOUGH);
    }
    assertThat(proof.holds()).isTrue();
  }

  /** A motion with packets of unusual sizes: seconds after its beginning, and margins. */
  private void told(double... marks) {
    motion(2 * SMALLEST, marks);
  }

  private void motion(double area, double... marks) {
    long since = now + 10 * SECOND;
    long end = now + 30 * SECOND;
    boolean begun = false;
    while (now < end) {
      double margin = 0.5;
      for (int i = 0; i < marks.length; i += 2) {
        if (now <= since + marks[i] * SECOND && now + 40_000 > since + marks[i] * SECOND) {
          margin = marks[i + 1];
        }
      }
      packet(margin);
      if (now >= since && now < since + 5 * SECOND) {
        proof.seen(now, area);
      }
      if (!begun && now >= since + SECOND / 5) {
        proof.motion(since);
        begun = true;
      }
    }
  }

  private void pass(int seconds) {
    for (int i = 0; i < 25 * seconds; i++) {
      packet(0.5);
    }
  }

  private void packet(double margin) {
    proof.packet(now, margin, usual);
    now += 40_000;
  }
}
