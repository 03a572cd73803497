package org.shvideo.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.notebook.NotebookFile.Cell;
import org.shvideo.notebook.results.SampleLog;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkLimits;
import org.shvideo.worker.Worker;
import org.shvideo.worker.WorkerListener;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.YoloDetector;

/**
 * Every cell of every notebook, as a kernel would run them, against a real Redis, a worker with the
 * demo model, and clips of the drawn scene. VIDEO_DIR and YOLO_MODEL are set by the build; the
 * notebooks find Redis through the folder, as they do beside {@code ./sh-video}.
 */
@Tag("model")
@Tag("server")
final class NotebookCellsTest {
  private static final Path ROOT = Path.of(System.getProperty("shvideo.root"));
  private static final String SCENE = "scene.avi";
  private static final String CLIP = "sign.avi";

  private static VideoFolder folder;
  private static TestRedis redis;
  private static JobQueue queue;
  private static YoloDetector detector;
  private static Worker worker;
  private static HttpServer web;

  @BeforeAll
  static void startServices() throws Exception {
    folder = new VideoFolder(Path.of(System.getenv("VIDEO_DIR")));
    FileOperations.deleteTree(folder.root());
    Files.createDirectories(EmbeddedRedisAddress.home(folder));
    SceneClip.write(folder.root().resolve(SCENE), 0, SceneClip.FRAMES);
    SceneClip.write(folder.root().resolve(CLIP), 120, 50);

    redis = TestRedis.withPassword("a secret");
    Files.writeString(
        EmbeddedRedisAddress.file(folder),
        "pid=%d\nRDS_HOST=127.0.0.1\nRDS_PORT=%d\nRDS_PSW=a secret\n"
            .formatted(ProcessHandle.current().pid(), redis.port()));

    detector = YoloDetector.load(TestFiles.demoModel(), 0.5, 0.7, 2);
    queue = new JobQueue(redis.settings());
    worker =
        new Worker(
            queue,
            WorkLimits.DEFAULT,
            folder,
            new DetectionLog(folder.log()),
            new ClipAnalyzer(
                detector, Sampling.ADAPTIVE, true, Clock.system(ZoneId.systemDefault())),
            new WorkerListener() {},
            Clock.system(ZoneId.systemDefault()));
    new Thread(worker::run, "worker").start();

    Path served = folder.root().resolve(CLIP);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "video/x-msvideo");
          exchange.sendResponseHeaders(200, Files.size(served));
          try (exchange) {
            Files.copy(served, exchange.getResponseBody());
          }
        });
    web.start();
  }

  @AfterAll
  static void stop() throws IOException {
    if (web != null) {
      web.stop(0);
      worker.close();
      queue.close();
      detector.close();
      redis.close();
      FileOperations.deleteTree(folder.root());
    }
  }

  @Test
  void checkJupyter() throws IOException {
    Map<String, String> shown = run("CheckJupyter", Map.of());

    assertThat(shown.get("check-03")).contains("Tom", "nick", "krish", "jack", "20", "18");
    assertThat(shown.get("check-05"))
        .contains("PyTorch", "demo.torchscript", "Redis", "queue video_queue")
        .doesNotContain("✘");
    assertThat(shown.get("check-07")).contains(CLIP, SCENE);
  }

  @Test
  void sendProcessFile() throws IOException {
    Map<String, String> shown =
        run(
            "SendProcessFile",
            Map.of(
                "send-06",
                "String file = \"%1$s\"; String[] files = {\"%1$s\", \"%1$s\"};".formatted(CLIP)));

    assertThat(shown.get("send-04")).contains("Connected to Redis", "0 waiting");
    assertThat(shown.get("send-08")).contains(CLIP);
    assertThat(shown.get("send-10")).contains("finished", "stop sign");
    assertThat(shown.get("send-12").lines())
        .filteredOn(line -> line.matches("[0-9a-f]{8} +" + CLIP + " +finished +.*stop sign.*"))
        .hasSize(2);
    assertThat(shown.get("send-14")).contains("finished");
    assertThat(shown.get("send-15").split(CLIP).length - 1).isGreaterThanOrEqualTo(4);
  }

  @Test
  void isolatedFileProcessing() throws IOException {
    long before = logged();

    Map<String, String> shown =
        run(
            "IsolatedFileProcessing",
            Map.of("isolated-03", "String file = \"%s\";".formatted(CLIP)));

    assertThat(shown.get("isolated-05")).contains("jupyter_queue: 1 waiting", CLIP);
    assertThat(shown.get("isolated-07")).contains("finished", "stop sign");
    assertThat(shown.get("isolated-09")).contains("frames analysed", "stop sign");
    assertThat(logged())
        .as("the queued job wrote its line, the direct call none")
        .isEqualTo(before + 1);
  }

  @Test
  void viewProcessResults() throws IOException {
    DetectionLog log = new DetectionLog(folder.log());
    List<DetectionLine> sample = SampleLog.lines(8);
    sample.forEach(log::append);
    LocalDate day = LocalDate.now(ZoneId.systemDefault()).minusDays(2);
    List<DetectionLine> thatDay =
        sample.stream().filter(line -> line.recordedAt().toLocalDate().equals(day)).toList();
    // What is in a sample depends on the time of day.
    String label =
        thatDay.stream().flatMap(line -> line.detected().stream()).findFirst().orElseThrow();
    long clips = thatDay.stream().filter(line -> line.detected().contains(label)).count();

    Map<String, String> shown =
        run(
            "ViewProcessResults",
            Map.of(
                "results-06",
                "String label = \"%s\"; LocalDate day = LocalDate.now().minusDays(2);"
                    .formatted(label)));

    assertThat(shown.get("results-02")).contains(" clips ", " from ", " cameras");
    assertThat(shown.get("results-04")).contains("50 of ", " rows");
    assertThat(shown.get("results-07")).contains("%s: %d of ".formatted(day, clips));
  }

  @Test
  void viewVideo() throws IOException {
    Map<String, String> shown =
        run(
            "ViewVideo",
            Map.of("video-03", "String file = \"%s\"; int everyFrames = 10;".formatted(SCENE)));

    assertThat(shown.get("video-04")).contains("mpeg4", "640 × 360", "15");
    assertThat(shown.get("video-06")).contains("12 frames of " + SCENE);
    assertThat(shown.get("video-08")).contains("one in 10", "stop sign");
  }

  @Test
  void downloadAndProcess() throws IOException {
    String url = "http://127.0.0.1:%d/a/fetched.avi".formatted(web.getAddress().getPort());

    Map<String, String> shown =
        run("DownloadAndProcess", Map.of("download-04", "String url = \"%s\";".formatted(url)));

    assertThat(shown.get("download-06")).contains("fetched.avi");
    assertThat(folder.root().resolve("fetched.avi"))
        .hasSameBinaryContentAs(folder.root().resolve(CLIP));
    assertThat(shown.get("download-10")).contains("finished", "stop sign");
  }

  @Test
  void compare() throws IOException {
    try (Notebook notebook = Notebook.open()) {
      notebook.jobs().send(CLIP).follow();
    }

    Map<String, String> shown =
        run("Compare", Map.of("compare-03", "String[] files = {\"%s\"};".formatted(CLIP)));

    assertThat(shown.get("compare-05")).contains("confidence 0.50, adaptive sampling");
    assertThat(shown.get("compare-07")).contains("confidence 0.30, adaptive sampling", "stop sign");
    assertThat(shown.get("compare-09")).contains("50 frames in");
    assertThat(shown.get("compare-12")).contains("stop sign").doesNotContain("added", "missing");
    assertThat(shown.get("compare-14")).contains("the log", "confidence 0.60");
  }

  /** Runs a notebook from its first cell to its last; what each showed and printed, by its id. */
  private static Map<String, String> run(String name, Map<String, String> parameters)
      throws IOException {
    Map<String, String> shown = new LinkedHashMap<>();
    NotebookFile notebook = NotebookFile.read(ROOT.resolve("notebooks").resolve(name + ".ipynb"));
    PrintStream console = System.out;
    try (CellRunner runner = new CellRunner()) {
      for (Cell cell : notebook.cells()) {
        var printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        String value;
        try {
          value = runner.run(cell.source());
          if (parameters.containsKey(cell.id())) {
            assertThat(cell.parameters()).as(cell.id() + " is tagged").isTrue();
            value = runner.run(parameters.get(cell.id()));
          }
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(name + ", cell " + cell.id() + ": " + e.getMessage(), e);
        } finally {
          System.setOut(console);
        }
        shown.put(cell.id(), printed.toString(StandardCharsets.UTF_8) + value);
      }
    }
    assertThat(shown.keySet()).as("cells of " + name).containsAll(parameters.keySet());
    return shown;
  }

  private static long logged() {
    try (Stream<DetectionLine> lines = new DetectionLog(folder.log()).lines()) {
      return lines.count();
    }
  }
}
