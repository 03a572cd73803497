package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;

class MotionSettingsTest {
  @TempDir Path folder;

  @Test
  void defaults() {
    Settings settings = Settings.of(Map.of());

    MotionSettings motion = MotionSettings.from(settings);

    settings.check();
    assertThat(motion)
        .isEqualTo(
            new MotionSettings(
                new MinArea(0.0024, true),
                20,
                2,
                5,
                MotionSettings.Decode.SUSPICIOUS,
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Optional.empty()));
  }

  @Test
  void readsEverySetting() throws IOException {
    Path mask = write("mask.png", 4, 3, BufferedImage.TYPE_BYTE_GRAY, 0xFFFFFFFF);
    Settings settings =
        Settings.of(
            Map.of(
                "MOTION_MIN_AREA", "800",
                "MOTION_THRESHOLD", "12",
                "MOTION_MIN_FRAMES", "3",
                "MOTION_FPS", "2.5",
                "MOTION_DECODE", "all",
                "MOTION_WARM_UP", "0.5",
                "MOTION_SETTLE", "4",
                "MOTION_MASK", mask.toString()));

    MotionSettings motion = MotionSettings.from(settings);

    settings.check();
    assertThat(motion.minArea()).isEqualTo(new MinArea(800, false));
    assertThat(motion.threshold()).isEqualTo(12);
    assertThat(motion.minFrames()).isEqualTo(3);
    assertThat(motion.framesPerSecond()).isEqualTo(2.5);
    assertThat(motion.decode()).isEqualTo(MotionSettings.Decode.ALL);
    assertThat(motion.warmUp()).isEqualTo(Duration.ofMillis(500));
    assertThat(motion.settle()).isEqualTo(Duration.ofSeconds(4));
    assertThat(motion.mask().orElseThrow().width()).isEqualTo(4);
    assertThat(motion.mask().orElseThrow().height()).isEqualTo(3);
  }

  @Test
  void anAreaIsTheSameShareOfASmallerPicture() {
    MotionSettings motion = MotionSettings.from(Settings.of(Map.of("MOTION_MIN_AREA", "8100")));

    MinArea small = motion.scaled(640.0 * 360 / (3840 * 2160)).minArea();
    assertThat(small.pixels(640, 360)).isEqualTo(225);
    assertThat(motion.scaled(1e-6).minArea().pixels(640, 360)).isEqualTo(1);
    assertThat(motion.scaled(4)).isEqualTo(motion.scaled(2).scaled(2));
  }

  @Test
  void aShareIsThatOfEachPicture() {
    MinArea area =
        MotionSettings.from(Settings.of(Map.of("MOTION_MIN_AREA", "0.5 %"))).scaled(4).minArea();

    assertThat(area.pixels(1920, 1080)).isEqualTo(10_368);
    assertThat(area.pixels(640, 360)).isEqualTo(1152);
    assertThat(area.pixels(10, 10)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0%", "101%", "%", "-1%", "NaN%", "1.5", "100000001", "5000px"})
  void refusesWhatIsNoArea(String text) {
    Settings settings = Settings.of(Map.of("MOTION_MIN_AREA", text));

    MotionSettings.from(settings);

    assertThatThrownBy(settings::check)
        .hasMessageContaining("MOTION_MIN_AREA must be a share of the picture, such as 0.24%");
  }

  @Test
  void listsEverySettingOnce() {
    assertThat(MotionSettings.all())
        .extracting(Setting::name)
        .containsExactly(
            "MOTION_MIN_AREA",
            "MOTION_THRESHOLD",
            "MOTION_MIN_FRAMES",
            "MOTION_FPS",
            "MOTION_DECODE",
            "MOTION_WARM_UP",
            "MOTION_SETTLE",
            "MOTION_MASK");
  }

  @Test
  void reportsAllProblemsTogetherByName() {
    Settings settings =
        Settings.of(
            Map.of(
                "MOTION_MIN_AREA", "0",
                "MOTION_THRESHOLD", "256",
                "MOTION_FPS", "many",
                "MOTION_MASK", folder.resolve("absent.png").toString()));

    MotionSettings motion = MotionSettings.from(settings);

    assertThat(motion.minArea()).isEqualTo(new MinArea(0.0024, true));
    assertThatThrownBy(settings::check)
        .isInstanceOf(SettingsException.class)
        .hasMessageContainingAll(
            "MOTION_MIN_AREA must be a share of the picture, such as 0.24%, or a whole number of",
            "MOTION_THRESHOLD must be a whole number from 1 to 255",
            "MOTION_FPS must be a number from 0.5 to 60",
            "MOTION_MASK names a file that cannot be read: " + folder.resolve("absent.png"));
  }

  @Test
  void maskOfACameraOverridesTheCommonOne() throws IOException {
    Path common = write("common.png", 2, 2, BufferedImage.TYPE_INT_RGB, 0xFFFFFFFF);
    Path own = write("own.png", 5, 5, BufferedImage.TYPE_INT_RGB, 0xFFFFFFFF);
    Settings settings =
        Settings.of(
            Map.of(
                "MOTION_MASK", common.toString(),
                "MOTION_MASK_FRONT_DOOR", own.toString()));

    assertThat(MotionSettings.from(settings.forCamera("front-door")).mask().orElseThrow().width())
        .isEqualTo(5);
    assertThat(MotionSettings.from(settings.forCamera("back-door")).mask().orElseThrow().width())
        .isEqualTo(2);
    settings.check();
  }

  @Test
  void rejectsAMaskThatIsNotAPicture() throws IOException {
    Path text = Files.writeString(folder.resolve("mask.txt"), "not a picture");
    Settings settings = Settings.of(Map.of("MOTION_MASK_YARD", text.toString()));

    MotionSettings.from(settings.forCamera("yard"));

    assertThatThrownBy(settings::check)
        .hasMessageContaining(
            "MOTION_MASK_YARD names a file that is not a picture: " + text + "; save it as a PNG");
  }

  @Test
  void rejectsADamagedMask() throws IOException {
    Path whole = write("whole.png", 64, 64, BufferedImage.TYPE_INT_RGB, 0xFFFFFFFF);
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = Files.write(folder.resolve("cut.png"), Arrays.copyOf(bytes, 60));
    Settings settings = Settings.of(Map.of("MOTION_MASK", cut.toString()));

    MotionSettings.from(settings);

    assertThatThrownBy(settings::check)
        .hasMessageContaining("MOTION_MASK names a damaged picture: " + cut);
  }

  @Test
  void rejectsAMaskThatIgnoresEverything() throws IOException {
    Path black = write("black.png", 8, 8, BufferedImage.TYPE_INT_RGB, 0xFF000000);
    Settings settings = Settings.of(Map.of("MOTION_MASK", black.toString()));

    MotionSettings.from(settings);

    assertThatThrownBy(settings::check)
        .hasMessageContaining("MOTION_MASK ignores the whole picture: " + black);
  }

  @ParameterizedTest(name = "picture type {0}, colour {1}: {2}")
  @CsvSource({
    BufferedImage.TYPE_BYTE_GRAY + ", FFFFFFFF, true",
    BufferedImage.TYPE_USHORT_GRAY + ", FFFFFFFF, true",
    BufferedImage.TYPE_BYTE_BINARY + ", FFFFFFFF, true",
    BufferedImage.TYPE_BYTE_INDEXED + ", FFFFFFFF, true",
    BufferedImage.TYPE_INT_RGB + ", FFFFFFFF, true",
    BufferedImage.TYPE_INT_RGB + ", FF2020FF, true", // any bright colour
    BufferedImage.TYPE_INT_RGB + ", FF404040, false",
    BufferedImage.TYPE_INT_ARGB + ", FFFFFFFF, true",
    BufferedImage.TYPE_INT_ARGB + ", 00FFFFFF, false",
    BufferedImage.TYPE_INT_ARGB + ", FF000000, false",
  })
  void motionCountsWhereTheMaskIsWhiteAndOpaque(int type, String argb, boolean counts)
      throws IOException {
    BufferedImage picture = new BufferedImage(3, 1, type);
    picture.setRGB(0, 0, 0xFFFFFFFF); // so that it does not ignore everything
    picture.setRGB(1, 0, (int) Long.parseLong(argb, 16));
    Path file = folder.resolve("mask.png");
    ImageIO.write(picture, "png", file.toFile());

    byte[] pixels = MotionMask.read(file).pixels();

    assertThat(pixels[0]).isEqualTo((byte) 255);
    assertThat(pixels[1]).isEqualTo((byte) (counts ? 255 : 0));
    assertThat(pixels[2]).isZero();
  }

  /** A PNG of one colour, given as 0xAARRGGBB. */
  private Path write(String name, int width, int height, int type, int argb) throws IOException {
    BufferedImage picture = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, argb);
      }
    }
    Path file = folder.resolve(name);
    ImageIO.write(picture, "png", file.toFile());
    return file;
  }
}
