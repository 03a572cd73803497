package org.shvideo.worker.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.worker.clip.ClipFrame;

final class LetterboxTest {
  private static final float GREY = 114 / 255f;

  @ParameterizedTest(name = "{0}×{1}")
  @CsvSource({
    // frame, input, the frame inside it: left, top, right, bottom
    "1280, 720, 640, 384, 0, 12, 640, 372",
    "1920, 1080, 640, 384, 0, 12, 640, 372",
    "768, 432, 640, 384, 0, 12, 640, 372",
    "640, 480, 640, 480, 0, 0, 640, 480",
    "810, 1080, 480, 640, 0, 0, 480, 640",
    "640, 427, 640, 448, 0, 10, 640, 437", // 10.5 above and below: the odd row goes below
    "640, 425, 640, 448, 0, 11, 640, 436", // 11.5 above and below: below too
    "641, 360, 640, 384, 0, 12, 640, 371",
    "333, 500, 448, 640, 11, 0, 437, 640",
    "100, 100, 640, 640, 0, 0, 640, 640", // enlarged, as Ultralytics does
    "1, 1000, 32, 640, 15, 0, 16, 640",
    "5000, 2, 640, 32, 0, 15, 640, 16", // 0.256 of a row is still a row
  })
  void padsTheShortSideToAMultipleOf32(
      int frameWidth,
      int frameHeight,
      int width,
      int height,
      int left,
      int top,
      int right,
      int bottom) {
    Letterbox letterbox = new Letterbox(frameWidth, frameHeight, false);

    assertThat(letterbox.width).isEqualTo(width);
    assertThat(letterbox.height).isEqualTo(height);
    assertThat(inner(letterbox)).containsExactly(left, top, right, bottom);
  }

  @ParameterizedTest(name = "{0}×{1}")
  @CsvSource({
    "1280, 720, 0, 140, 640, 500",
    "810, 1080, 80, 0, 560, 640",
    "640, 427, 0, 106, 640, 533",
  })
  void padsToASquareForAModelThatTakesNothingElse(
      int frameWidth, int frameHeight, int left, int top, int right, int bottom) {
    Letterbox letterbox = new Letterbox(frameWidth, frameHeight, true);

    assertThat(letterbox.width).isEqualTo(640);
    assertThat(letterbox.height).isEqualTo(640);
    assertThat(inner(letterbox)).containsExactly(left, top, right, bottom);
  }

  @ParameterizedTest
  @CsvSource({"1280, 720", "810, 1080", "333, 500", "1919, 1079"})
  void boxesComeBackToWhereTheyWere(int frameWidth, int frameHeight) {
    for (boolean square : new boolean[] {true, false}) {
      Letterbox letterbox = new Letterbox(frameWidth, frameHeight, square);
      Box box = new Box(10.5f, 20.25f, frameWidth - 30f, frameHeight - 40f);

      double scale = 640.0 / Math.max(frameWidth, frameHeight);
      int left = letterbox.left;
      int top = letterbox.top;

      Box back =
          letterbox.toFrame(
              new Box(
                  (float) (box.left() * scale + left),
                  (float) (box.top() * scale + top),
                  (float) (box.right() * scale + left),
                  (float) (box.bottom() * scale + top)));

      assertThat(back.left()).isCloseTo(box.left(), within(0.01f));
      assertThat(back.top()).isCloseTo(box.top(), within(0.01f));
      assertThat(back.right()).isCloseTo(box.right(), within(0.01f));
      assertThat(back.bottom()).isCloseTo(box.bottom(), within(0.01f));
    }
  }

  @Test
  void boxesAreClippedToTheFrame() {
    Letterbox letterbox = new Letterbox(1280, 720, false);

    assertThat(letterbox.toFrame(new Box(-5, 0, 700, 384))).isEqualTo(new Box(0, 0, 1280, 720));
  }

  @ParameterizedTest(name = "{0}×{1}, square: {2}")
  @CsvSource({
    "1280, 720, false",
    "1280, 720, true",
    "1920, 1080, false", // at a third
    "97, 61, false", // enlarged
    "61, 97, true",
    "640, 400, false", // as it is
    "1301, 733, false",
  })
  void writesTheFrameScaledBetweenGreyBars(int frameWidth, int frameHeight, boolean square) {
    BufferedImage image = noise(frameWidth, frameHeight);
    Letterbox letterbox = new Letterbox(frameWidth, frameHeight, square);
    FloatBuffer input = FloatBuffer.allocate(3 * letterbox.width * letterbox.height);

    try (ClipFrame frame = ClipFrame.of(image)) {
      letterbox.write(frame, input);
    }

    int[] inner = inner(letterbox);
    double stepX = (double) frameWidth / (inner[2] - inner[0]);
    double stepY = (double) frameHeight / (inner[3] - inner[1]);
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < letterbox.height; y++) {
        for (int x = 0; x < letterbox.width; x++) {
          float written = input.get((channel * letterbox.height + y) * letterbox.width + x);
          if (x < inner[0] || x >= inner[2] || y < inner[1] || y >= inner[3]) {
            assertThat(written).isEqualTo(GREY);
          } else {
            double expected =
                bilinear(
                    image,
                    (x - inner[0] + 0.5) * stepX - 0.5,
                    (y - inner[1] + 0.5) * stepY - 0.5,
                    16 - 8 * channel); // planes are red, green, blue
            if (Math.abs(written * 255 - expected) > 1.01) {
              assertThat(written * 255)
                  .as("channel %d at %d, %d", channel, x, y)
                  .isCloseTo((float) expected, within(1f));
            }
          }
        }
      }
    }
  }

  @Test
  void writesNothingOfTheFrameBefore() {
    Letterbox letterbox = new Letterbox(320, 200, false);
    FloatBuffer first = FloatBuffer.allocate(3 * letterbox.width * letterbox.height);
    FloatBuffer second = FloatBuffer.allocate(3 * letterbox.width * letterbox.height);
    for (int i = 0; i < second.capacity(); i++) {
      second.put(i, 7);
    }
    try (ClipFrame frame = ClipFrame.of(noise(320, 200))) {
      letterbox.write(frame, first);
      letterbox.write(frame, second);
    }

    assertThat(second).isEqualTo(first);
  }

  @Test
  void knowsWhichFramesItFits() {
    Letterbox letterbox = new Letterbox(64, 48, false);
    try (ClipFrame same = ClipFrame.of(noise(64, 48));
        ClipFrame other = ClipFrame.of(noise(48, 64))) {
      assertThat(letterbox.fits(same)).isTrue();
      assertThat(letterbox.fits(other)).isFalse();
    }
  }

  @Test
  void refusesAFrameWithoutPixels() {
    assertThatThrownBy(() -> new Letterbox(0, 10, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static BufferedImage noise(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return image;
  }

  /** One channel between four pixels, in plain floating point. */
  private static double bilinear(BufferedImage image, double x, double y, int shift) {
    double cx = Math.max(0, Math.min(image.getWidth() - 1, x));
    double cy = Math.max(0, Math.min(image.getHeight() - 1, y));
    int x0 = (int) cx;
    int y0 = (int) cy;
    int x1 = Math.min(image.getWidth() - 1, x0 + 1);
    int y1 = Math.min(image.getHeight() - 1, y0 + 1);
    double upper = mix(image.getRGB(x0, y0), image.getRGB(x1, y0), shift, cx - x0);
    double lower = mix(image.getRGB(x0, y1), image.getRGB(x1, y1), shift, cx - x0);
    return upper + (lower - upper) * (cy - y0);
  }

  private static double mix(int first, int second, int shift, double share) {
    int a = (first >> shift) & 0xff;
    int b = (second >> shift) & 0xff;
    return a + (b - a) * share;
  }

  /** Left, top, right, bottom. */
  private static int[] inner(Letterbox box) {
    return new int[] {box.left, box.top, box.left + box.innerWidth, box.top + box.innerHeight};
  }
}
