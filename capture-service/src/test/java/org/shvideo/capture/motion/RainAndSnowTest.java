package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.capture.motion.DrawnStream.Coding;
import org.shvideo.tasks.Fuzz;
import org.shvideo.tasks.settings.Settings;

/**
 * Rain and snow in the light of a camera's infrared lamp. With {@code -Dshvideo.fuzz=1} it prints
 * the table of {@code docs/design/motion.md}.
 */
@Tag("video")
class RainAndSnowTest {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int SECONDS = 40;
  private static final double WALKER = 25;

  /** As many square pixels as 5000 are at 1280×720. */
  private static final int AREA = 1250;

  private enum Weather {
    /** Streaks, for the shutter is open as long as it can be; a few near the lens are broad. */
    RAIN(60, 2),
    DOWNPOUR(200, 8),
    /** Spots that fall slowly; a few near the lens are large and out of focus. */
    SNOW(60, 2),
    BLIZZARD(200, 8);

    private final int far;
    private final int near;

    Weather(int far, int near) {
      this.far = far;
      this.near = near;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RAIN", "SNOW", "BLIZZARD"})
  void fourTimesTheAreaIsNoMotionAndAWalkerIs(Weather weather) {
    assertThat(motions(weather, false, 4, 2, 20)).isEmpty();
    assertThat(seesTheWalker(weather, 4, 2, 20)).isTrue();
  }

  @Test
  void printsWhatSettingsDo() {
    for (int[] row :
        new int[][] {
          {1, 2, 20},
          {1, 4, 20},
          {1, 2, 40},
          {2, 2, 20},
          {2, 4, 20},
          {2, 4, 40},
          {4, 2, 20},
          {4, 4, 40}
        }) {
      if (Fuzz.count(0) > 0) {
        System.out.println(row(row[0], row[1], row[2]));
      }
    }
  }

  private static String row(int areas, int frames, int threshold) {
    StringBuilder row = new StringBuilder();
    for (Weather weather : Weather.values()) {
      double seconds =
          motions(weather, false, areas, frames, threshold).stream()
              .mapToDouble(event -> event.end() - event.begin())
              .sum();
      row.append(
          " | %.0f %%, %s"
              .formatted(
                  seconds / SECONDS * 100,
                  seesTheWalker(weather, areas, frames, threshold) ? "found" : "missed"));
    }
    return "| %d × | %d | %d%s |".formatted(areas, frames, threshold, row);
  }

  /** Whether a motion begins with the walker; one that has gone on all the time does not count. */
  private static boolean seesTheWalker(Weather weather, int areas, int frames, int threshold) {
    return motions(weather, true, areas, frames, threshold).stream()
        .anyMatch(event -> event.begin() >= WALKER && event.begin() < WALKER + 3);
  }

  private static List<MotionScan.Event> motions(
      Weather weather, boolean walker, int areas, int frames, int threshold) {
    MotionSettings settings =
        MotionSettings.from(
            Settings.of(
                Map.of(
                    "MOTION_MIN_AREA", "" + AREA * areas,
                    "MOTION_MIN_FRAMES", "" + frames,
                    "MOTION_THRESHOLD", "" + threshold)));
    Random random = new Random(3);
    Scene scene =
        Scene.of(
                WIDTH,
                HEIGHT,
                (picture, time) -> {
                  if (walker && time >= WALKER) {
                    Scene.box(picture, 40 + 60 * (time - WALKER), 130, 50, 130, 210);
                  }
                  fall(picture, weather, random);
                })
            .lit(time -> 0.4)
            .noisy(4);
    try (DrawnStream stream = new DrawnStream(Coding.H264, scene, 5);
        StreamMotionDetector detector =
            new StreamMotionDetector("camera", stream.info(), settings)) {
      return DetectedMotion.of(detector, stream, SECONDS);
    }
  }

  private static void fall(Graphics2D picture, Weather weather, Random random) {
    boolean rain = weather == Weather.RAIN || weather == Weather.DOWNPOUR;
    // What falls crosses the picture within less than the time between two analysed frames.
    for (int i = 0; i < weather.far; i++) {
      int x = random.nextInt(WIDTH);
      int y = random.nextInt(HEIGHT);
      if (rain) {
        streak(picture, x, y, 10 + random.nextInt(40), 1, 160);
      } else {
        spot(picture, x, y, 1 + random.nextInt(3), 220);
      }
    }
    for (int i = 0; i < weather.near; i++) {
      if (random.nextInt(3) > 0) {
        continue;
      }
      int x = random.nextInt(WIDTH);
      int y = random.nextInt(HEIGHT);
      if (rain) {
        streak(picture, x, y - 100, 250, 4 + random.nextInt(8), 255);
      } else {
        spot(picture, x, y, 10 + random.nextInt(25), 255);
      }
    }
  }

  private static void streak(Graphics2D picture, int x, int y, int length, int width, int grey) {
    picture.setStroke(new BasicStroke(width));
    picture.setColor(new Color(grey, grey, grey));
    picture.draw(new Line2D.Double(x, y, x + length * 0.1, y + length));
  }

  private static void spot(Graphics2D picture, int x, int y, int radius, int grey) {
    picture.setPaint(
        new RadialGradientPaint(
            x,
            y,
            radius,
            new float[] {0, 0.6f, 1},
            new Color[] {
              new Color(grey, grey, grey),
              new Color(grey, grey, grey),
              new Color(grey, grey, grey, 0)
            }));
    picture.fill(new Ellipse2D.Double(x - radius, y - radius, 2.0 * radius, 2.0 * radius));
  }
}
