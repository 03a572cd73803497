package org.shvideo.camera.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SceneTest {
  private static final int FPS = 10;

  /** More than any change by noise, far less than a change by the sign. */
  private static final int MAX_NOISE = 24;

  private final Scene scene = new Scene(640, 360, FPS, 7);

  @Test
  void framesAreReproducible() {
    Scene again = new Scene(640, 360, FPS, 7);
    again.frame(3);

    assertThat(Scene.pixels(again.frame(100))).isEqualTo(Scene.pixels(scene.frame(100)));
    assertThat(Scene.pixels(scene.frame(100 + scene.frames())))
        .isEqualTo(Scene.pixels(scene.frame(100)));
  }

  @Test
  void seedChangesTheStreet() {
    Scene other = new Scene(640, 360, FPS, 8);

    assertThat(changedPixels(scene.frame(0), other.frame(0))).isGreaterThan(10_000);
  }

  @Test
  void framesWithoutTheSignDifferOnlyByNoise() {
    BufferedImage first = scene.frame(0);

    assertThat(Scene.pixels(scene.frame(1))).isNotEqualTo(Scene.pixels(first));
    for (int index = 0; index < scene.frames(); index++) {
      if (index <= 5 * FPS || index >= 15 * FPS) {
        assertThat(changedPixels(first, scene.frame(index))).as("frame %d", index).isZero();
      }
    }
  }

  @Test
  void worseSensorIsNoisier() {
    Scene worse = new Scene(640, 360, FPS, 7, 20);

    assertThat(changedPixels(worse.frame(0), worse.frame(1))).isGreaterThan(10_000);
  }

  @Test
  void signMovesInEveryFrame() {
    for (int index = 6 * FPS; index < 14 * FPS; index += FPS) {
      assertThat(changedPixels(scene.frame(index), scene.frame(index + 1)))
          .as("frame %d", index)
          .isGreaterThan(500);
    }
  }

  @Test
  void signEntersPassesAndLeaves() {
    List<Double> visible =
        IntStream.range(0, scene.frames())
            .mapToObj(index -> SceneObject.in(scene, index))
            .map(objects -> objects.isEmpty() ? 0.0 : objects.get(0).visible())
            .toList();

    assertThat(visible.get(0)).isZero();
    assertThat(visible.get(scene.frames() - 1)).isZero();
    List<Double> coming = visible.subList(0, 10 * FPS);
    List<Double> leaving = visible.subList(10 * FPS, scene.frames());
    assertThat(coming).isSorted().anyMatch(share -> share > 0 && share < 0.15);
    assertThat(leaving)
        .isSortedAccordingTo(Comparator.reverseOrder())
        .anyMatch(share -> share > 0 && share < 0.15);
    assertThat(visible.stream().filter(share -> share == 1).count()).isGreaterThan(5 * FPS);
  }

  @Test
  void boxesFitTheSign() {
    for (int index = 0; index < scene.frames(); index++) {
      for (SceneObject sign : SceneObject.in(scene, index)) {
        assertThat(sign.label()).isEqualTo("stop sign");
        assertThat(sign.x()).isNotNegative();
        assertThat(sign.y()).isNotNegative();
        assertThat(sign.x() + sign.width()).isLessThanOrEqualTo(scene.width());
        assertThat(sign.y() + sign.height()).isLessThanOrEqualTo(scene.height());
        if (sign.visible() == 1) {
          BufferedImage picture = scene.frame(index);
          int middle = (int) (sign.y() + sign.height() * 0.78);
          int inset = (int) Math.ceil(sign.width() * 0.16);
          int left = (int) sign.x();
          int right = (int) (sign.x() + sign.width());
          assertThat(isRed(picture, left + inset, middle)).as("frame %d", index).isTrue();
          assertThat(isRed(picture, right - inset, middle)).as("frame %d", index).isTrue();
          assertThat(isRed(picture, Math.max(0, left - 3), middle)).isFalse();
          assertThat(isRed(picture, Math.min(scene.width() - 1, right + 3), middle)).isFalse();
        }
      }
    }
  }

  @Test
  void rejectsInvalidSizesAndRates() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Scene(32, 360, FPS, 7))
        .withMessageContaining("32x360");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Scene(640, 361, FPS, 7))
        .withMessageContaining("640x361");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Scene(640, 360, 0, 7))
        .withMessageContaining("not 0");
  }

  private static boolean isRed(BufferedImage picture, int x, int y) {
    Color color = new Color(picture.getRGB(x, y));
    return color.getRed() > 140 && color.getGreen() < 70 && color.getBlue() < 90;
  }

  private static long changedPixels(BufferedImage one, BufferedImage other) {
    byte[] a = Scene.pixels(one);
    byte[] b = Scene.pixels(other);
    long changed = 0;
    for (int i = 0; i < a.length; i += 3) {
      if (Math.abs((a[i] & 0xFF) - (b[i] & 0xFF)) > MAX_NOISE) {
        changed++;
      }
    }
    return changed;
  }
}
