package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.json.Json;

/**
 * The dashboard shows the metrics of docs/guide/health-and-metrics.md, all of ours and no others;
 * {@link MetricsDocumentationTest} compares that page with what the services serve.
 */
final class GrafanaDashboardTest {
  private static final Path guide = Path.of(System.getProperty("shvideo.root"), "docs/guide");

  /** Of no use in a chart. */
  private static final Set<String> NOT_SHOWN = Set.of("shvideo_model_info", "shvideo_worker_busy");

  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z0-9]+_[a-z0-9_]+)` \\|");

  @Test
  void showsAllMetricsAndNoOthers() throws IOException {
    String page = Files.readString(guide.resolve("health-and-metrics.md"));
    JsonNode dashboard =
        Json.read(Files.readString(guide.resolve("grafana-dashboard.json")), JsonNode.class);
    Set<String> shown = new TreeSet<>();
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : dashboard.path("panels")) {
      assertThat(panel.path("title").asText()).isNotEmpty();
      assertThat(ids.add(panel.path("id").asInt())).as("%s has its own id", panel).isTrue();
      for (JsonNode target : panel.path("targets")) {
        Set<String> named = MetricsDocumentationTest.metricsIn(target.path("expr").asText());
        assertThat(named).as(target.toString()).isNotEmpty();
        shown.addAll(named);
      }
    }
    List<String> ours =
        ROW.matcher(page)
            .results()
            .map(row -> row.group(1))
            .filter(name -> !NOT_SHOWN.contains(name))
            .toList();

    assertThat(MetricsDocumentationTest.metricsIn(page)).containsAll(shown);
    assertThat(ours).hasSizeGreaterThan(20);
    assertThat(shown).containsAll(ours);
  }
}
