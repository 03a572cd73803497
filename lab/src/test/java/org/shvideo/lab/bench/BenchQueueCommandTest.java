package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.TestCommand;
import org.shvideo.lab.Lab;
import org.shvideo.tasks.json.Json;

/** The benchmark of the queue; its results depend on the machine. */
@Tag("process")
@Tag("server")
final class BenchQueueCommandTest {
  private final TestCommand command = new TestCommand(Lab::new);

  @Test
  @Timeout(120)
  void emptyAndFullQueueAreMeasured() throws Exception {
    assertThat(command.execute("bench", "queue", "--jobs=40", "--waiting=200", "--json"))
        .as(command.err())
        .isZero();

    JsonNode report = Json.read(command.out(), JsonNode.class);
    assertThat(report.get("benchmark").asText()).isEqualTo("queue");
    assertThat(report.get("rows")).hasSize(8);
    for (JsonNode row : report.get("rows")) {
      assertThat(row.get("median").asDouble()).as(row.get("what").asText()).isPositive();
    }
    assertThat(command.err()).contains("filling the queue with 200 jobs");
  }

  @Test
  void tooFewJobsAreRejected() {
    assertThat(command.execute("bench", "queue", "--jobs=1")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("--jobs");
  }
}
