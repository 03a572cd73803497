package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.cli.TestCommand;
import org.shvideo.lab.Lab;
import org.shvideo.tasks.json.Json;

/** The benchmark of the memory of a worker; its results depend on the machine. */
@Tag("model")
@Tag("process")
final class BenchMemoryCommandTest {
  private final TestCommand command = new TestCommand(Lab::new);

  @Test
  void memoryIsMeasuredDuringAnalysis() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "no Linux");

    assertThat(command.execute("bench", "memory", "--clips=21", "--height=180", "--json"))
        .as(command.err())
        .isZero();

    JsonNode report = Json.read(command.out(), JsonNode.class);
    List<String> rows = new ArrayList<>();
    for (JsonNode row : report.get("rows")) {
      rows.add(row.get("what").asText());
      // PyTorch alone takes more than the minimum; the heap is limited.
      assertThat(row.get("max").asDouble()).as(row.toString()).isBetween(150.0, 2000.0);
    }
    assertThat(rows)
        .containsExactly("clips 1 to 20: memory (RSS)", "clips 21 to 21: memory (RSS)", "peak");
    assertThat(report.get("rows").get(2).get("median").asDouble())
        .isGreaterThanOrEqualTo(report.get("rows").get(1).get("max").asDouble());
  }
}
