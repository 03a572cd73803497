package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The calculation of how many cameras a machine sustains. */
final class CapacityTest {
  private static final Capacity machine = Capacity.measured(2, 0.025, 0.020, 0.055, 0.085, 0.30);

  @Test
  void theLoadOfTheServiceIsCountedOnce() {
    assertThat(machine.service()).isCloseTo(0.005, within(1e-9));
    assertThat(machine.idle()).isEqualTo(0.020);
    assertThat(machine.decoded()).isCloseTo(0.050, within(1e-9));
    assertThat(machine.recorded()).isCloseTo(0.080, within(1e-9));
  }

  @Test
  void theLoadOfACameraGrowsWithMotion() {
    assertThat(machine.cameraLoad(0)).isCloseTo(0.020, within(1e-9));
    assertThat(machine.cameraLoad(0.5)).isCloseTo(0.5 * 0.020 + 0.5 * (0.080 + 0.30), within(1e-9));
    assertThat(machine.cameraLoad(1)).isCloseTo(0.38, within(1e-9));
  }

  @Test
  void camerasUseSeventyPercentOfTheCores() {
    // 1.4 cores less 0.005, by 0.020, by 0.200 and by 0.380
    assertThat(machine.cameras(0)).isEqualTo(69);
    assertThat(machine.cameras(0.5)).isEqualTo(6);
    assertThat(machine.cameras(1)).isEqualTo(3);
    assertThat(Capacity.measured(4, 0.025, 0.020, 0.055, 0.085, 0.30).cameras(1)).isEqualTo(7);
  }

  @Test
  void fewerCamerasAreSustainedWhileAllAreDecoded() {
    assertThat(machine.decodedCameras()).isEqualTo(27); // 1.395 by 0.050
  }

  @Test
  void aMachineThatIsTooSlowSustainsNone() {
    assertThat(Capacity.measured(1, 0.9, 0.02, 0.93, 0.95, 2).cameras(0.5)).isZero();
  }

  @Test
  void noisyMeasurementsGiveFiniteResults() {
    Capacity noise = Capacity.measured(1, 0.001, -0.002, 0, 0, 0);

    assertThat(noise.cameras(0)).isPositive().isLessThan(10_000);
    assertThat(noise.recorded()).isPositive();
  }

  @Test
  void theFormulaIsShown() {
    assertThat(machine.formula(0.05))
        .isEqualTo(
            "(70 % × 2 cores − 0.005) / (95 % × 0.0200 + 5 % × (0.0800 + 0.300)) = 1.40 / 0.0380");
  }
}
