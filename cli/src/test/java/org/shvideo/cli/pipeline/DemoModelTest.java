package org.shvideo.cli.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.geom.Rectangle2D;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.scene.DemoModel;
import org.shvideo.camera.scene.Scene;
import org.shvideo.worker.clip.ClipFrame;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;
import org.shvideo.worker.yolo.YoloDetector;

/** The built-in model, in the worker's own detector, on the scene that it is there for. */
@Tag("model")
class DemoModelTest {
  private static final Scene SCENE = Scene.demo();

  private static YoloDetector detector;

  @BeforeAll
  static void load() throws Exception {
    detector = YoloDetector.load(DemoModel.unpack(), 0.5, 0.7, 1);
  }

  @AfterAll
  static void close() {
    detector.close();
  }

  @Test
  void saysWhatItIsAndWhatItKnows() {
    assertThat(detector.modelName()).startsWith("demo@");
    assertThat(detector.labels()).containsExactly(Scene.LABEL);
  }

  @ParameterizedTest
  @ValueSource(ints = {105, 120, 150, 180, 195})
  void findsTheSignOnceAndSurely(int index) {
    Rectangle2D sign = SCENE.sign(index).orElseThrow();

    List<Detection> detections = detect(index);

    assertThat(detections).hasSize(1);
    assertThat(detections.get(0).label()).isEqualTo(Scene.LABEL);
    assertThat(detections.get(0).confidence()).isGreaterThan(0.8f);
    assertThat(iou(detections.get(0).box(), sign)).isGreaterThan(0.8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 60, 230, 329})
  void findsNothingInTheEmptyStreet(int index) {
    assertThat(SCENE.sign(index)).isEmpty();
    assertThat(detect(index)).isEmpty();
  }

  private static List<Detection> detect(int index) {
    try (ClipFrame frame = ClipFrame.of(SCENE.frame(index))) {
      return detector.analyse(frame).detections();
    }
  }

  private static double iou(Box box, Rectangle2D sign) {
    Rectangle2D found =
        new Rectangle2D.Float(
            box.left(), box.top(), box.right() - box.left(), box.bottom() - box.top());
    double overlap = area(found.createIntersection(sign));
    return overlap / (area(found) + area(sign) - overlap);
  }

  private static double area(Rectangle2D box) {
    return Math.max(0, box.getWidth()) * Math.max(0, box.getHeight());
  }
}
