package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.capture.CaptureService;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.monitoring.MonitoringClient;
import org.shvideo.tasks.monitoring.MonitoringSettings;
import org.shvideo.tasks.monitoring.PrometheusText;
import org.shvideo.tasks.monitoring.PrometheusText.Family;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.Worker;
import org.shvideo.worker.WorkerListener;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.yolo.YoloDetector;

/**
 * The metrics in docs/guide/health-and-metrics.md are those that the services serve. {@code ./mvnw
 * verify -Dshvideo.document=true} regenerates the table.
 */
@Tag("model")
@Tag("server")
final class MetricsDocumentationTest {
  private static final Path docs = Path.of(System.getProperty("shvideo.root"), "docs/guide");
  private static final Pattern METRIC =
      Pattern.compile("\\b(shvideo|jvm|process|system)_[a-z0-9_]+\\b");

  private static Map<String, Family> capture;
  private static Map<String, Family> worker;

  @BeforeAll
  static void ask(@TempDir Path folder) throws Exception {
    Settings settings =
        Settings.of(
            Map.of(
                "VIDEO_DIR", folder.toString(),
                "RTSP_URL", "rtsp://127.0.0.1:1/live",
                "DETECT_URL", "rtsp://127.0.0.1:1/small",
                "RDS_HOST", "127.0.0.1",
                "RDS_PORT", "1"));
    CaptureSettings captureSettings = CaptureSettings.from(settings);
    WorkerSettings workerSettings = WorkerSettings.from(settings);
    settings.check();
    Clock clock = Clock.system(ZoneId.systemDefault());
    try (JobQueue queue = new JobQueue(captureSettings.queue());
        CaptureService service =
            CaptureService.open(captureSettings, queue, clock, ClipListener.NONE);
        Monitoring monitoring = monitoring()) {
      service.addTo(monitoring);
      capture = serve(monitoring, queue, captureSettings);
    }
    try (JobQueue queue = new JobQueue(workerSettings.queue());
        YoloDetector detector = YoloDetector.load(TestFiles.demoModel(), 0.5, 0.7, 1);
        Monitoring monitoring = monitoring()) {
      new Worker(
              queue,
              workerSettings.limits(),
              workerSettings.folder(),
              new DetectionLog(workerSettings.folder().log()),
              new ClipAnalyzer(detector, workerSettings.sampling(), true, clock),
              new WorkerListener() {},
              clock)
          .addTo(monitoring);
      worker = serve(monitoring, queue, captureSettings);
    }
  }

  private static Monitoring monitoring() {
    return new Monitoring(new MonitoringSettings("127.0.0.1", OptionalInt.of(0)));
  }

  private static Map<String, Family> serve(
      Monitoring monitoring, JobQueue queue, CaptureSettings settings) throws IOException {
    monitoring.watch(queue, State.DEGRADED);
    monitoring.watch(settings.folder());
    monitoring.start();
    PrometheusText read = MonitoringClient.metrics(monitoring.port());
    return read.families();
  }

  @Test
  void tableListsEveryMetric() throws IOException {
    StringBuilder table = new StringBuilder("| metric | type | labels | from | meaning |\n");
    table.append("|---|---|---|---|---|\n");
    for (Family family : ours().values()) {
      table.append(
          "| `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  family.name(),
                  family.type(),
                  labels(family),
                  !worker.containsKey(family.name())
                      ? "capture"
                      : capture.containsKey(family.name()) ? "both" : "worker",
                  family.help()));
    }
    Path file = docs.resolve("health-and-metrics.md");
    String text = Files.readString(file);
    String begin = "<!-- metrics -->\n";
    int from = text.indexOf(begin) + begin.length();
    int to = text.indexOf("<!-- end of metrics -->\n");
    String expected = text.substring(0, from) + table + text.substring(to);
    if (Boolean.getBoolean("shvideo.document")) {
      Files.writeString(file, expected);
    } else {
      assertThat(text)
          .as("./mvnw verify -Dshvideo.document=true regenerates it")
          .isEqualTo(expected);
    }
  }

  @Test
  void textNamesNoMetricThatIsNotServed() throws IOException {
    assertThat(served())
        .containsAll(metricsIn(Files.readString(docs.resolve("health-and-metrics.md"))));
  }

  private static Set<String> served() {
    Set<String> names = new HashSet<>(capture.keySet());
    names.addAll(worker.keySet());
    return names;
  }

  private static Map<String, Family> ours() {
    Map<String, Family> ours = new TreeMap<>(capture);
    ours.putAll(worker);
    ours.keySet()
        .removeIf(
            name -> !name.startsWith("shvideo_") && !name.equals("process_resident_memory_bytes"));
    return ours;
  }

  private static String labels(Family family) {
    return family.samples().stream()
        .flatMap(sample -> sample.labels().keySet().stream())
        .distinct()
        .map(label -> "`" + label + "`")
        .collect(Collectors.joining(", "));
  }

  static Set<String> metricsIn(String text) {
    Set<String> names = new TreeSet<>();
    Matcher metric = METRIC.matcher(text);
    while (metric.find()) {
      names.add(metric.group());
    }
    return names;
  }
}
