package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.cli.ShVideo;
import org.shvideo.lab.Lab;
import org.shvideo.tasks.json.Json;
import picocli.CommandLine;

/** The command that measures a worker's memory; how much it is depends on the machine. */
@Tag("model")
@Tag("process")
final class BenchMemoryCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aWorkerIsMeasuredWhileItAnalysesClips() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "no Linux");

    assertThat(execute("bench", "memory", "--clips=21", "--height=180", "--json"))
        .as(err.toString())
        .isZero();

    JsonNode report = Json.read(out.toString(), JsonNode.class);
    List<String> rows = new ArrayList<>();
    for (JsonNode row : report.get("rows")) {
      rows.add(row.get("what").asText());
      // With PyTorch it cannot be less, with the limits of its heap not more.
      assertThat(row.get("max").asDouble()).as(row.toString()).isBetween(150.0, 2000.0);
    }
    assertThat(rows)
        .containsExactly("clips 1 to 20: memory (RSS)", "clips 21 to 21: memory (RSS)", "most");
    assertThat(report.get("rows").get(2).get("median").asDouble())
        .isGreaterThanOrEqualTo(report.get("rows").get(1).get("max").asDouble());
  }

  private int execute(String... arguments) {
    CommandLine commandLine = ShVideo.commandLine(new Lab());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }
}
