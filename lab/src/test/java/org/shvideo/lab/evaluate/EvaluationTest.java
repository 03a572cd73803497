package org.shvideo.lab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.measure.Timing;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/** Which classes count as found, missed and added. */
final class EvaluationTest {
  private static final Timing ANY = new Timing(1, 1);

  @TempDir private Path folder;

  @Test
  void aClassFoundOnceCountsForAllItsFrames() {
    Evaluation evaluation =
        Evaluation.of(
            line(400, Map.of("person", 300, "vase", 90, "toothbrush", 10)),
            new Timing(16, 30),
            line(40, Map.of("person", 30, "vase", 1)),
            new Timing(2, 2.5),
            null,
            null);

    assertThat(evaluation.agreement().recall()).isCloseTo(0.975, within(1e-9));
    assertThat(evaluation.framesRatio()).isEqualTo(10);
    assertThat(evaluation.elapsedRatio()).isEqualTo(8);
    assertThat(evaluation.processorRatio()).isEqualTo(12);
    assertThat(evaluation.agreement().missed()).containsExactly("toothbrush");
    assertThat(evaluation.agreement().added()).isEmpty();
    assertThat(evaluation.reference()).isNull();
  }

  @Test
  void classesInLessThanOnePercentOfTheFramesMayBeMissed() {
    assertThat(missed(Map.of("dog", 4))).containsExactly("dog");
    assertThat(missed(Map.of("dog", 3))).isEmpty();
  }

  private static List<String> missed(Map<String, Integer> seen) {
    return Evaluation.of(line(400, seen), ANY, line(40, Map.of()), ANY, null, null)
        .agreement()
        .missed();
  }

  @Test
  void classesThatOnlyAdaptiveFindsAreAdded() {
    Evaluation evaluation =
        Evaluation.of(
            line(400, Map.of("person", 300)),
            ANY,
            line(40, Map.of("person", 30, "cat", 1)),
            ANY,
            Map.of("cat", 7),
            null);

    assertThat(evaluation.agreement().added()).containsExactly("cat");
    assertThat(evaluation.agreement().recall()).isEqualTo(1);
    assertThat(evaluation.reference().missed()).containsExactly("cat");
    assertThat(evaluation.reference().added()).containsExactly("person");
    assertThat(evaluation.reference().recall()).isZero();
    assertThat(evaluation.classes())
        .containsExactly(
            new Evaluation.ClassCount("person", 300, 30, 0),
            new Evaluation.ClassCount("cat", 0, 1, 7));
  }

  @Test
  void recallIsOneWithoutObjects() {
    assertThat(
            Evaluation.of(line(9, Map.of()), ANY, line(1, Map.of()), ANY, Map.of(), null)
                .agreement()
                .recall())
        .isEqualTo(1);
  }

  @Test
  void aReferenceIsRead() throws Exception {
    Path file = folder.resolve("reference.jsonl");
    Files.writeString(
        file,
        """
        {"file": "a.mp4", "frames": 9, "objects": {"cell phone": {"frames": 4, "max_conf": 0.9}}}

        {"file": "b.mp4", "frames": 9, "objects": {}}
        """);

    assertThat(EvaluateCommand.readReference(file))
        .isEqualTo(Map.of("a.mp4", Map.of("cell phone", 4), "b.mp4", Map.of()));
  }

  @Test
  void invalidReferencesAreRejected() throws Exception {
    Path file = folder.resolve("detections_log.jsonl");
    Files.writeString(file, "{\"file\": \"a.mp4\"}\n{\"filename\": \"b.mp4\"}\n");

    assertThatThrownBy(() -> EvaluateCommand.readReference(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("line 2");
    Files.writeString(file, "\n[1,\n");
    assertThatThrownBy(() -> EvaluateCommand.readReference(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("line 2: invalid JSON");
    assertThatThrownBy(() -> EvaluateCommand.readReference(folder.resolve("none")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("does not exist");
  }

  private static DetectionLine line(int analysed, Map<String, Integer> seen) {
    List<DetectedObject> objects = new ArrayList<>();
    new TreeMap<>(seen)
        .forEach(
            (label, frames) ->
                objects.add(new DetectedObject(label, 0.9, frames, 0, 1, 1, List.of())));
    return DetectionLine.builder("clip.avi", LocalDateTime.parse("2026-02-23T14:49:15"))
        .clip(16, 400)
        .analysis(analysed, 1)
        .model("yolov8n", 0.5, "adaptive")
        .objects(objects)
        .build();
  }
}
