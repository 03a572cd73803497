package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.capture.motion.DrawnStream.Coding;
import org.shvideo.capture.motion.MotionScan.Event;
import org.shvideo.capture.stream.Packet;
import org.shvideo.tasks.settings.Settings;

@Tag("video")
class StreamMotionDetectorTest {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int FPS = 5;

  private static final Scene.Painter NOTHING = (picture, seconds) -> {};

  @Test
  void noisyStillSceneHasNoMotion() {
    assertThat(motionIn(scene(NOTHING).noisy(12), 60)).isEmpty();
  }

  @ParameterizedTest(name = "{0}×{0} px, grey {1}: {2}")
  @CsvSource({
    "64, 30, false", "64, 200, false", "64, 150, false",
    "77, 30, true", "77, 200, true", "77, 150, true",
  })
  void boxCountsFromTheMinimumAreaOn(int side, int grey, boolean counts) {
    Scene scene =
        Scene.of(
            1280,
            720,
            (picture, seconds) -> {
              if (seconds >= 1) {
                Scene.box(picture, 100 + 150 * (seconds - 1), 300, side, side, grey);
              }
            });

    List<Event> events;
    try (DrawnStream stream = new DrawnStream(Coding.H264, scene, 5);
        StreamMotionDetector detector =
            new StreamMotionDetector(
                "camera",
                stream.info(),
                MotionSettings.from(
                    Settings.of(Map.of("MOTION_WARM_UP", "0.8", "MOTION_MIN_AREA", "5000"))))) {
      events = DetectedMotion.of(detector, stream, 3);
    }

    assertThat(events).hasSize(counts ? 1 : 0);
  }

  @Test
  void slowWalkerIsOneMotion() {
    Scene scene = scene((picture, seconds) -> walker(picture, seconds, 4, 34, 100, 6));

    assertThat(motionIn(scene, 40))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.begin()).isBetween(4.0, 4.4);
              assertThat(event.end()).isGreaterThan(35.5);
            });
  }

  @Test
  void stoppingEndsMotionAfterSecondsAndLeavingIsAnother() {
    Scene scene =
        scene(
            (picture, seconds) -> {
              if (seconds < 20) {
                walker(picture, Math.min(seconds, 7), 4, 20, 100, 60);
              } else {
                walker(picture, seconds - 13, 4, 12, 100, 60);
              }
            });

    List<Event> events = motionIn(scene, 35);

    assertThat(events).hasSize(2);
    assertThat(events.get(0).begin()).isBetween(4.0, 4.4);
    assertThat(events.get(0).end()).isBetween(8.5, 13.0);
    assertThat(events.get(1).begin()).isBetween(20.0, 20.6);
    assertThat(events.get(1).end()).isBetween(26.0, 30.0);
  }

  @Test
  void objectLeftBehindBecomesBackground() {
    Scene scene =
        scene(
            (picture, seconds) -> {
              walker(picture, Math.min(seconds, 5), 4, 99, 100, 60);
              if (seconds >= 40) {
                // Too small to count unless joined with what it crosses.
                Scene.box(picture, 120 + 20 * (seconds - 40), 180, 40, 40, 200);
              }
            });

    assertThat(motionIn(scene, settings("MOTION_MIN_AREA", "5000"), 44))
        .singleElement()
        .satisfies(event -> assertThat(event.end()).isLessThan(12));
  }

  @Test
  void switchedLightIsNoMotionButAWalkerAfterItIs() {
    Scene scene =
        scene((picture, seconds) -> walker(picture, seconds, 12, 16, 100, 60))
            .lit(seconds -> seconds < 5 ? 0.6 : seconds < 8 ? 1.2 : 0.7);

    assertThat(motionIn(scene, 20))
        .singleElement()
        .satisfies(event -> assertThat(event.begin()).isBetween(12.0, 12.4));
  }

  @Test
  void switchedLightDoesNotEndMotion() {
    Scene scene =
        scene((picture, seconds) -> walker(picture, seconds, 4, 12, 100, 40))
            .lit(seconds -> seconds < 7 ? 0.5 : 1.1);

    assertThat(motionIn(scene, 11))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.begin()).isBetween(4.0, 4.4);
              assertThat(event.end()).isGreaterThan(10.5);
            });
  }

  @Test
  void duskIsNoMotion() {
    assertThat(motionIn(scene(NOTHING).lit(seconds -> 1.6 - seconds / 30), 30)).isEmpty();
  }

  @Test
  void cloudIsNoMotion() {
    Scene scene = scene(NOTHING).lit(seconds -> 1.2 - 0.5 * smooth((seconds - 5) / 4));

    assertThat(motionIn(scene, 15)).isEmpty();
  }

  @ParameterizedTest(name = "by {0} within {1} s")
  @CsvSource({
    "-0.5, 0.3",
    "-0.5, 1",
    "-0.5, 2",
    "-0.5, 8",
    "-0.35, 0.3",
    "-0.35, 2",
    "-0.35, 4",
    "-0.2, 0.3",
    "-0.2, 1",
    "0.2, 0.3",
    "0.3, 0.3",
    "0.3, 2",
    "0.6, 0.3",
    "0.6, 1",
    "0.6, 2",
    "0.6, 4",
    "0.6, 8",
  })
  void lightAloneIsNoMotionAndAWalkerInItIs(double change, double seconds) {
    DoubleUnaryOperator light =
        time ->
            1 + change * (smooth((time - 5) / seconds) - smooth((time - 7 - seconds) / seconds));
    double end = 9 + 2 * seconds;

    assertThat(motionIn(scene(NOTHING).lit(light), end)).isEmpty();
    assertThat(motionIn(scene((picture, t) -> walker(picture, t, 5, 8, 100, 60)).lit(light), end))
        .hasSize(1)
        .allSatisfy(event -> assertThat(event.begin()).isBetween(5.0, 5.7));
  }

  /** Its trace in the background is its own picture in another brightness, as light would be. */
  @Test
  void whatComesBackToItsTraceIsMotion() {
    Scene scene =
        Scene.of(
                320,
                180,
                (picture, seconds) -> {
                  Scene.box(picture, 0, 0, 320, 180, 16);
                  picture.setColor(Color.WHITE);
                  picture.fillOval(
                      (int) (140 + 140 * Math.sin(Math.PI * seconds / 4)),
                      (int) (70 + 70 * Math.sin(Math.PI * seconds / 3.6)),
                      40,
                      40);
                })
            .noisy(1);

    assertThat(motionIn(scene, settings(), 12))
        .isNotEmpty()
        .allSatisfy(event -> assertThat(event.begin()).isLessThan(5));
  }

  @Test
  void infraredFilterSwapIsNoMotion() {
    // Black for a moment, then far too bright, then adjusted.
    Scene scene =
        scene(NOTHING)
            .lit(
                seconds ->
                    seconds < 6
                        ? 0.4
                        : seconds < 6.5 ? 0.05 : 1.3 + 1.2 * Math.exp(-(seconds - 6.5) / 0.4));

    assertThat(motionIn(scene, 15)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Coding.class)
  void detectsMotionInEveryCoding(Coding coding) {
    Scene scene =
        Scene.of(
            320,
            180,
            (picture, seconds) -> {
              if (seconds >= 4 && seconds < 8) {
                Scene.box(picture, 50 + 30 * (seconds - 4), 60, 40, 80, 30);
              }
            });

    List<Event> events;
    try (DrawnStream stream = new DrawnStream(coding, scene, 10);
        StreamMotionDetector detector =
            new StreamMotionDetector(
                "camera", stream.info(), settings("MOTION_MIN_AREA", "1500"))) {
      events = DetectedMotion.of(detector, stream, 12);
    }

    assertThat(events)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.begin()).isBetween(4.0, 4.3);
              assertThat(event.detected() - event.begin()).isBetween(0.19, 0.61);
              assertThat(event.end()).isBetween(9.9, 11.0);
            });
  }

  @Test
  void ignoresMotionOutsideTheMask(@TempDir Path folder) throws IOException {
    BufferedImage rightHalf = new BufferedImage(100, 30, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = rightHalf.createGraphics();
    Scene.box(graphics, 50, 0, 50, 30, 255);
    graphics.dispose();
    Path mask = folder.resolve("mask.png");
    ImageIO.write(rightHalf, "png", mask.toFile());
    MotionSettings settings = settings("MOTION_MASK", mask.toString());

    Scene hidden = scene((picture, seconds) -> walker(picture, seconds, 3, 7, 10, 50));
    Scene seen = scene((picture, seconds) -> walker(picture, seconds, 3, 7, 330, 50));

    assertThat(motionIn(hidden, settings, 8)).isEmpty();
    assertThat(motionIn(seen, settings, 8)).hasSize(1);
  }

  @Test
  void everyConnectionBeginsWithAWarmUp() {
    Scene scene = scene((picture, seconds) -> walker(picture, seconds, 0, 100, 50, 20));
    try (DrawnStream stream = new DrawnStream(Coding.H264_KEYFRAMES_ONLY, scene, FPS)) {
      for (int start = 0; start <= 6; start += 6) {
        try (StreamMotionDetector detector =
            new StreamMotionDetector("camera", stream.info(), settings())) {
          List<Event> events = DetectedMotion.of(detector, stream, start + 6);

          assertThat(events).hasSize(1);
          assertThat(events.get(0).begin()).isBetween(start + 2.0, start + 2.6);
        }
      }
    }
  }

  @Test
  void damagedPacketsAreIgnored() {
    Scene scene = scene((picture, seconds) -> walker(picture, seconds, 12, 16, 100, 60));
    List<Event> events;
    try (DrawnStream stream = new DrawnStream(Coding.H264, scene, FPS);
        StreamMotionDetector detector =
            new StreamMotionDetector("camera", stream.info(), settings())) {
      events =
          DetectedMotion.of(
              detector,
              () -> {
                Packet packet = stream.next();
                double seconds = packet.ptsMicros() / 1e6;
                if (seconds > 4 && seconds < 10 && packet.ptsMicros() % 600_000 == 0) {
                  SparseDecoderTest.garble(packet);
                }
                return seconds < 20 ? packet : null;
              });
    }

    assertThat(events)
        .singleElement()
        .satisfies(event -> assertThat(event.begin()).isBetween(12.0, 12.4));
  }

  @Test
  void changedResolutionRestartsWarmUp() {
    Scene small = Scene.of(320, 180, (picture, seconds) -> {});
    Scene large = scene((picture, seconds) -> walker(picture, seconds, 4, 8, 100, 60));
    try (DrawnStream before = new DrawnStream(Coding.MJPEG, small, FPS);
        DrawnStream after = new DrawnStream(Coding.MJPEG, large, FPS);
        StreamMotionDetector detector =
            new StreamMotionDetector("camera", before.info(), settings())) {

      assertThat(DetectedMotion.of(detector, before, 5)).isEmpty();
      assertThat(DetectedMotion.of(detector, after, 9))
          .singleElement()
          .satisfies(event -> assertThat(event.begin()).isBetween(4.0, 4.4));
    }
  }

  @Test
  void nativeMemoryDoesNotGrow() {
    Scene scene = scene((picture, seconds) -> walker(picture, seconds, 0, 5, 50, 100));
    List<Packet> packets = new ArrayList<>();
    try (DrawnStream stream = new DrawnStream(Coding.H264, scene, 25)) {
      Stream.generate(stream::next).limit(100).forEach(packets::add);
      try (StreamMotionDetector detector =
          new StreamMotionDetector("camera", stream.info(), settings())) {
        play(detector, packets, 5); // what the libraries allocate once
      }
      long before = Pointer.totalCount();
      long bytesBefore = Pointer.physicalBytes();
      try (StreamMotionDetector detector =
          new StreamMotionDetector("camera", stream.info(), settings())) {
        play(detector, packets, 1);
        long early = Pointer.totalCount();
        play(detector, packets, 160);

        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(early);
      }

      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
      // Leaking each packet would take 44 MiB, each frame 1 GiB; Java's heap grows somewhat.
      assertThat(Pointer.physicalBytes() - bytesBefore).isLessThan(40 << 20);
    }
    packets.forEach(Packet::close);
  }

  @Test
  void closesTwice() {
    try (DrawnStream stream = new DrawnStream(Coding.H264, scene(NOTHING), FPS)) {
      StreamMotionDetector detector = new StreamMotionDetector("camera", stream.info(), settings());
      DetectedMotion.of(detector, stream, 1);

      detector.close();
      detector.close();
    }
  }

  private static void play(StreamMotionDetector detector, List<Packet> packets, int times) {
    for (int i = 0; i < times; i++) {
      packets.forEach(detector::accept);
    }
  }

  /** A person 80 pixels wide and 160 high, in the picture between two times. */
  private static void walker(
      Graphics2D picture, double seconds, double from, double until, double left, double speed) {
    if (seconds >= from && seconds < until) {
      Scene.box(picture, left + speed * (seconds - from), 120, 80, 160, 30);
    }
  }

  private static double smooth(double share) {
    double in = Math.max(0, Math.min(1, share));
    return in * in * (3 - 2 * in);
  }

  private static Scene scene(Scene.Painter painter) {
    return Scene.of(WIDTH, HEIGHT, painter);
  }

  private static List<Event> motionIn(Scene scene, double seconds) {
    return motionIn(scene, settings(), seconds);
  }

  private static List<Event> motionIn(Scene scene, MotionSettings settings, double seconds) {
    try (DrawnStream stream = new DrawnStream(Coding.H264, scene, FPS);
        StreamMotionDetector detector =
            new StreamMotionDetector("camera", stream.info(), settings)) {
      return DetectedMotion.of(detector, stream, seconds);
    }
  }

  private static MotionSettings settings() {
    return MotionSettings.from(Settings.of(Map.of()));
  }

  private static MotionSettings settings(String name, String value) {
    return MotionSettings.from(Settings.of(Map.of(name, value)));
  }
}
