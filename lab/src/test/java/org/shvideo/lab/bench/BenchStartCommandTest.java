package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.cli.ShVideo;
import org.shvideo.lab.Lab;
import org.shvideo.tasks.json.Json;
import picocli.CommandLine;

/** The command that measures starts; how long they take is the machine's. */
@Tag("camera")
@Tag("model")
@Tag("process")
@Tag("server")
final class BenchStartCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void theServicesAndDetectAreStartedUntilTheyAreOfUse() throws Exception {
    assertThat(execute("bench", "start", "--repeats=1", "--height=180", "--json"))
        .as(err.toString())
        .isZero();

    JsonNode report = Json.read(out.toString(), JsonNode.class);
    assertThat(report.get("benchmark").asText()).isEqualTo("start");
    List<String> targets = new ArrayList<>();
    for (JsonNode row : report.get("rows")) {
      assertThat(row.get("median").asDouble()).as(row.get("what").asText()).isBetween(0.1, 100.0);
      targets.add(row.get("target").asText());
    }
    assertThat(targets).contains("≤ 5 s", "≤ 2 s", "≤ 6 s");
    assertThat(err.toString()).contains("capture ready, with its camera: 1 of 1");
  }

  @Test
  void noRepeatsAreRefused() {
    assertThat(execute("bench", "start", "--repeats=0")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(err.toString()).contains("--repeats");
  }

  private int execute(String... arguments) {
    CommandLine commandLine = ShVideo.commandLine(new Lab());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }
}
