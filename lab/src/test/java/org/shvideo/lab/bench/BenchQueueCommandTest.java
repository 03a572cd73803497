package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.shvideo.cli.ShVideo;
import org.shvideo.lab.Lab;
import org.shvideo.tasks.json.Json;
import picocli.CommandLine;

/** The command that measures the queue; how fast it is is the machine's. */
@Tag("process")
@Tag("server")
final class BenchQueueCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  @Timeout(120)
  void jobsAreEnqueuedTakenAndFinishedWithNoneAndManyWaiting() throws Exception {
    assertThat(execute("bench", "queue", "--jobs=40", "--waiting=200", "--json"))
        .as(err.toString())
        .isZero();

    JsonNode report = Json.read(out.toString(), JsonNode.class);
    assertThat(report.get("benchmark").asText()).isEqualTo("queue");
    assertThat(report.get("rows")).hasSize(8);
    for (JsonNode row : report.get("rows")) {
      assertThat(row.get("median").asDouble()).as(row.get("what").asText()).isPositive();
    }
    assertThat(err.toString()).contains("filling the queue with 200 jobs");
  }

  @Test
  void tooFewJobsAreRefused() {
    assertThat(execute("bench", "queue", "--jobs=1")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(err.toString()).contains("--jobs");
  }

  private int execute(String... arguments) {
    CommandLine commandLine = ShVideo.commandLine(new Lab());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }
}
