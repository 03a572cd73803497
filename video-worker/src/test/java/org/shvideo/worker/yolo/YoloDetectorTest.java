package org.shvideo.worker.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.scene.Scene;
import org.shvideo.tasks.TestFiles;
import org.shvideo.worker.TestClips;
import org.shvideo.worker.clip.ClipFrame;

/**
 * What Ultralytics finds in the same pictures with the same model (480×640 for the bus: bus .87,
 * persons .87 .85 .82). Nothing is asserted about objects near the threshold.
 */
@Tag("model")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class YoloDetectorTest {
  private YoloDetector yolov8n;

  @AfterAll
  void close() {
    if (yolov8n != null) {
      yolov8n.close();
    }
  }

  @Test
  void findsTheBusAndItsPassengers() throws Exception {
    List<Detection> found = find("bus.jpg");

    assertThat(yolov8n.labels()).hasSize(80).startsWith("person", "bicycle").endsWith("toothbrush");
    assertThat(found).extracting(Detection::label).containsOnlyOnce("bus").contains("person");
    Detection bus = best(found, "bus");
    assertThat(bus.confidence()).isCloseTo(0.87f, within(0.03f));
    assertClose(bus.box(), 22, 231, 801, 755, 12);
    List<Float> persons =
        found.stream()
            .filter(detection -> detection.label().equals("person"))
            .map(Detection::confidence)
            .toList();
    assertThat(persons).hasSize(3).isSortedAccordingTo((a, b) -> Float.compare(b, a));
    assertThat(persons.get(0)).isCloseTo(0.87f, within(0.03f));
    assertThat(persons.get(1)).isCloseTo(0.85f, within(0.03f));
    assertThat(persons.get(2)).isCloseTo(0.82f, within(0.03f));
  }

  @Test
  void findsWhatAPersonWouldInOtherPictures() throws Exception {
    assertThat(find("dog-cat.jpg"))
        .extracting(Detection::label)
        .containsExactlyInAnyOrder("dog", "cat");
    List<Detection> zidane = find("zidane.jpg");
    assertThat(zidane).filteredOn(seen -> seen.label().equals("person")).hasSize(2);
    assertThat(best(zidane, "person").confidence()).isGreaterThan(0.75f);
    assertThat(find("dog_bike_car.jpg")).extracting(Detection::label).contains("dog", "bicycle");
  }

  @Test
  void findsTheSameWithAModelThatTakesOnlySquares() throws Exception {
    Path file = TestFiles.shared("models/yolov8n-640.torchscript");
    try (YoloDetector square = YoloDetector.load(file, 0.5, 0.7, 1);
        ClipFrame bus = ClipFrame.of(image("bus.jpg"))) {
      List<Detection> found = square.analyse(bus).detections();

      assertThat(square.modelName()).startsWith("yolov8n-640@");
      assertThat(found)
          .extracting(Detection::label)
          .containsExactlyInAnyOrder("bus", "person", "person", "person");
      assertThat(best(found, "bus").confidence()).isCloseTo(0.84f, within(0.03f));
      assertClose(best(found, "bus").box(), 33, 231, 801, 780, 20);
      assertThat(best(found, "person").confidence()).isCloseTo(0.90f, within(0.03f));
    }
  }

  @Test
  void saysWhatItIs() throws Exception {
    try (YoloDetector detector = YoloDetector.load(TestFiles.demoModel(), 0.5, 0.7, 1)) {
      assertThat(detector.modelName()).matches("demo@[0-9a-f]{8}");
      assertThat(detector.labels()).contains(Scene.LABEL);
    }
  }

  @Test
  void reportsUncertainLabels() throws Exception {
    boolean uncertain = false;
    try (YoloDetector lenient = YoloDetector.load(TestFiles.demoModel(), 0.5, 0.7, 1);
        YoloDetector strict = YoloDetector.load(TestFiles.demoModel(), 0.98, 0.7, 1)) {
      // The sign comes into view.
      for (int index = 74; index < 90; index += 2) {
        try (ClipFrame picture = ClipFrame.of(Scene.demo().frame(index))) {
          List<Detection> sure = lenient.analyse(picture).detections();
          FrameResult result = strict.analyse(picture);

          assertThat(result.detections()).allMatch(found -> found.confidence() > 0.98);
          assertThat(result.uncertain().values())
              .allMatch(value -> value > 0.49f && value <= 0.98f);
          for (Detection found : sure) {
            if (found.confidence() > 0.98) {
              assertThat(result.uncertain()).isEmpty();
            } else {
              assertThat(result.uncertain().get(Scene.LABEL))
                  .isCloseTo(found.confidence(), within(1e-4f));
              uncertain = true;
            }
          }
        }
      }
    }
    assertThat(uncertain).isTrue();
  }

  @Test
  void framesOfManySizesCanBeAnalysedInParallel() throws Exception {
    List<ClipFrame> frames = new ArrayList<>();
    try (YoloDetector detector = YoloDetector.load(TestFiles.demoModel(), 0.5, 0.7, 2)) {
      for (int height : new int[] {360, 480, 720}) {
        frames.add(ClipFrame.of(new Scene(640, height, 15, 7).frame(150)));
      }
      List<List<Detection>> alone =
          frames.stream().map(frame -> detector.analyse(frame).detections()).toList();
      List<Future<FrameResult>> results = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        results.add(detector.analyseAsync(frames.get(i % frames.size())));
      }
      assertThat(alone).doesNotHaveDuplicates().doesNotContain(List.of());
      for (int i = 0; i < 12; i++) {
        assertThat(results.get(i).get().detections()).isEqualTo(alone.get(i % alone.size()));
      }
    } finally {
      frames.forEach(ClipFrame::close);
    }
  }

  @Test
  void anotherFileIsRefusedByName(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("weights.torchscript"), "no model");

    assertThatThrownBy(() -> YoloDetector.load(file, 0.5, 0.7, 1))
        .isInstanceOf(ModelUnavailableException.class)
        .hasMessageContaining(file.toString());
  }

  private List<Detection> find(String name) throws Exception {
    try (ClipFrame frame = ClipFrame.of(image(name))) {
      return yolov8n().analyse(frame).detections();
    }
  }

  private YoloDetector yolov8n() throws ModelUnavailableException {
    if (yolov8n == null) {
      yolov8n = YoloDetector.load(TestFiles.yolov8n(), 0.5, 0.7, 2);
    }
    return yolov8n;
  }

  private static BufferedImage image(String name) {
    return TestClips.image(TestFiles.footage("images/" + name));
  }

  private static Detection best(List<Detection> found, String label) {
    return found.stream().filter(each -> each.label().equals(label)).findFirst().orElseThrow();
  }

  private static void assertClose(
      Box box, float left, float top, float right, float bottom, float by) {
    assertThat(box.left()).isCloseTo(left, within(by));
    assertThat(box.top()).isCloseTo(top, within(by));
    assertThat(box.right()).isCloseTo(right, within(by));
    assertThat(box.bottom()).isCloseTo(bottom, within(by));
  }
}
