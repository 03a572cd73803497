package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.TestClip;
import org.shvideo.cli.TestCommand;
import org.shvideo.lab.Lab;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.tasks.json.Json;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.FrameSampler;
import org.shvideo.worker.clip.Sampling;

/** The benchmark and the evaluation of analysis; their results depend on the machine. */
@Tag("model")
final class BenchWorkerCommandTest {
  @TempDir private Path folder;
  private final TestCommand command = new TestCommand(Lab::new);

  @Test
  void aClipIsComparedWithTheModelAlone() throws Exception {
    Path clip = folder.resolve("clip.avi");
    TestClip.write(clip);

    assertThat(command.execute("bench", "worker", "--repeats=1", "--json", clip.toString()))
        .isZero();

    JsonNode report = Json.read(command.out(), JsonNode.class);
    assertThat(report.get("benchmark").asText()).isEqualTo("worker");
    List<String> rows = new ArrayList<>();
    report.get("rows").forEach(row -> rows.add(row.get("what").asText()));
    assertThat(rows).hasSizeGreaterThanOrEqualTo(7);
    assertThat(rows).allMatch(row -> row.startsWith("clip.avi (64×48, 10 frames): "));
    report.get("rows").forEach(row -> assertThat(row.get("median").asDouble()).isPositive());
    assertThat(command.err()).contains("warming up");
  }

  @Test
  void aClipIsEvaluated() throws Exception {
    Path clip = folder.resolve("clip.avi");
    TestClip.write(clip);

    assertThat(command.execute("evaluate", "--json", clip.toString())).isZero();

    JsonNode evaluation = Json.read(command.out(), JsonNode.class);
    assertThat(evaluation.get("file").asText()).isEqualTo("clip.avi");
    assertThat(evaluation.get("every").get("analysed").asInt()).isEqualTo(10);
    assertThat(evaluation.get("adaptive").get("analysed").asInt()).isEqualTo(1);
    assertThat(evaluation.get("frames_ratio").asDouble()).isEqualTo(10);
    assertThat(evaluation.get("processor_ratio").asDouble()).isPositive();
    assertThat(evaluation.get("recall").asDouble()).isEqualTo(1);
  }

  @Test
  void missingFilesAreReported() {
    assertThat(command.execute("bench", "worker", folder.resolve("none.avi").toString()))
        .isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("none.avi");
    assertThat(command.execute("evaluate", folder.resolve("gone.avi").toString())).isEqualTo(1);
    assertThat(command.err()).contains("gone.avi");
  }

  @Test
  void footageIsBusyOrQuietAndOfAnyLength() throws Exception {
    SceneFootage scene = SceneFootage.draw(new Scene(320, 180, 5, 7));
    Path quiet = folder.resolve("quiet.h264");
    Path busy = folder.resolve("busy.h264");

    scene.write(quiet, scene.quiet(), 12);
    scene.write(busy, scene.busy(), 12);

    assertThat(choices(quiet))
        .hasSize(60)
        .filteredOn(FrameSampler.Choice.ANALYSE::equals)
        .hasSize(1);
    assertThat(choices(busy))
        .hasSize(60)
        .filteredOn(FrameSampler.Choice.ANALYSE::equals)
        .hasSizeGreaterThan(8);
  }

  private static List<FrameSampler.Choice> choices(Path clip) throws Exception {
    List<FrameSampler.Choice> choices = new ArrayList<>();
    FrameSampler sampler = Sampling.ADAPTIVE.sampler();
    try (ClipReader reader = ClipReader.open(clip, 1)) {
      while (reader.next()) {
        // Bare H.264 carries no times.
        choices.add(sampler.choose(reader.index() / 5.0, reader::luma));
      }
    }
    return choices;
  }
}
