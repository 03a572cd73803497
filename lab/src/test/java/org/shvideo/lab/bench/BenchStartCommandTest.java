package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.TestCommand;
import org.shvideo.lab.Lab;
import org.shvideo.tasks.json.Json;

/** The benchmark of starts; its results depend on the machine. */
@Tag("camera")
@Tag("model")
@Tag("process")
@Tag("server")
final class BenchStartCommandTest {
  private final TestCommand command = new TestCommand(Lab::new);

  @Test
  void startsOfServicesAndDetectAreMeasured() throws Exception {
    assertThat(command.execute("bench", "start", "--repeats=1", "--height=180", "--json"))
        .as(command.err())
        .isZero();

    JsonNode report = Json.read(command.out(), JsonNode.class);
    assertThat(report.get("benchmark").asText()).isEqualTo("start");
    List<String> targets = new ArrayList<>();
    for (JsonNode row : report.get("rows")) {
      assertThat(row.get("median").asDouble()).as(row.get("what").asText()).isBetween(0.1, 100.0);
      targets.add(row.get("target").asText());
    }
    assertThat(targets).contains("≤ 5 s", "≤ 2 s", "≤ 6 s");
    assertThat(command.err()).contains("capture ready, with its camera: 1 of 1");
  }

  @Test
  void zeroRepeatsAreRejected() {
    assertThat(command.execute("bench", "start", "--repeats=0")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("--repeats");
  }
}
