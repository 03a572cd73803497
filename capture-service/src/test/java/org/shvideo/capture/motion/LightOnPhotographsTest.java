package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.motion.DrawnStream.Coding;
import org.shvideo.tasks.Fuzz;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.settings.Settings;

/**
 * Light that changes on real grounds, with and without somebody who walks by: on a street, and with
 * {@code -Dshvideo.fuzz=1} on all photographs, which is what {@code docs/design/motion.md} tells.
 */
@Tag("footage")
@Tag("video")
class LightOnPhotographsTest {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int SECONDS = 22;

  /** The light changes from here on, and soon the walker comes. */
  private static final double CHANGE = 6;

  @Test
  void lightIsNoMotionAndAWalkerInItIs() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<String> photographs = List.of("bus", "dog_bike_car", "zidane", "dog-cat");
    for (String name : Fuzz.count(0) > 0 ? photographs : photographs.subList(0, 1)) {
      BufferedImage ground = ground(name + ".jpg");
      for (Map.Entry<String, Scene> scene : scenes(ground, false).entrySet()) {
        List<MotionScan.Event> events = motionIn(scene.getValue());
        if (!events.isEmpty()) {
          wrong.add(name + ", " + scene.getKey() + ": " + events);
        }
      }
      assertThat(scenes(ground, true))
          .allSatisfy(
              (what, scene) ->
                  assertThat(motionIn(scene))
                      .as("%s, %s, with a walker", name, what)
                      .anySatisfy(event -> assertThat(event.begin()).isBetween(6.0, 7.7)));
    }
    assertThat(wrong).hasSizeLessThanOrEqualTo(Fuzz.count(0) > 0 ? 12 : 3);
  }

  private static BufferedImage ground(String name) throws IOException {
    BufferedImage photograph = ImageIO.read(TestFiles.footage("images/" + name).toFile());
    double scale =
        Math.max((double) WIDTH / photograph.getWidth(), (double) HEIGHT / photograph.getHeight());
    BufferedImage ground = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = ground.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(
        photograph,
        0,
        0,
        (int) (photograph.getWidth() * scale),
        (int) (photograph.getHeight() * scale),
        null);
    graphics.dispose();
    return ground;
  }

  private static Map<String, Scene> scenes(BufferedImage ground, boolean walker) {
    Scene.Painter still = (picture, time) -> picture.drawImage(ground, 0, 0, null);
    Scene.Painter trees = (picture, time) -> sway(picture, ground, time);
    Map<String, Scene> scenes = new LinkedHashMap<>();
    for (double change : new double[] {-0.5, -0.35, -0.2, 0.3, 0.6}) {
      for (double within : new double[] {0.3, 2, 8}) {
        scenes.put(
            change + " within " + within + " s and back",
            scene(still, walker)
                .lit(
                    time ->
                        1 + change * (to(time, CHANGE, within) - to(time, 8 + within, within))));
      }
    }
    scenes.put("a lamp", scene(still, walker).lit(time -> time < CHANGE ? 1 : 1.2));
    scenes.put("trees", scene(trees, walker));
    scenes.put(
        "trees, exposure lowered by a fifth",
        scene(trees, walker).lit(time -> 1 - 0.2 * to(time, CHANGE, 0.25)));
    return scenes;
  }

  private static Scene scene(Scene.Painter painter, boolean walker) {
    return Scene.of(
            WIDTH,
            HEIGHT,
            (picture, time) -> {
              painter.paint(picture, time);
              if (walker && time >= 6.2 && time < 11) {
                Scene.box(picture, 60 + 80 * (time - 6.2), 150, 40, 100, 40);
              }
            })
        .noisy(2);
  }

  private static void sway(Graphics2D picture, BufferedImage ground, double time) {
    picture.drawImage(ground, 0, 0, null);
    int by = (int) Math.round(1.5 * Math.sin(time * 3));
    picture.drawImage(ground, by, 0, WIDTH / 2 + by, HEIGHT / 2, 0, 0, WIDTH / 2, HEIGHT / 2, null);
  }

  /** How much of a change has happened that begins at a time and takes some seconds, 0 to 1. */
  private static double to(double time, double begin, double within) {
    double done = Math.max(0, Math.min(1, (time - begin) / within));
    return done * done * (3 - 2 * done);
  }

  private static List<MotionScan.Event> motionIn(Scene scene) {
    MotionSettings settings = MotionSettings.from(Settings.of(Map.of("MOTION_MIN_AREA", "1250")));
    try (DrawnStream stream = new DrawnStream(Coding.H264, scene, 5);
        StreamMotionDetector detector =
            new StreamMotionDetector("camera", stream.info(), settings)) {
      return DetectedMotion.of(detector, stream, SECONDS);
    }
  }
}
