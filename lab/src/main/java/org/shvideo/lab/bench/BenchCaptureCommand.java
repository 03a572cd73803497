package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.lab.measure.BenchmarkReport;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.lab.measure.SceneOptions;
import org.shvideo.lab.measure.Timing;
import org.shvideo.worker.clip.ClipUnreadableException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the load of cameras on capture, compared with the prototype on the same footage. */
@Command(
    name = "capture",
    description = {
      "Measures the load of a camera on capture: without motion, each additional one, and with"
          + " constant motion; compared with the prototype on the same footage.",
      "Test cameras serve the drawn scene over RTSP. Takes some minutes, mostly waiting until the"
          + " cameras are at rest.",
      "With --minutes, measures only many idle cameras on one core, and whether packets are lost."
    })
final class BenchCaptureCommand extends Benchmark {
  private static final String PROTOTYPE = "prototype: every frame decoded, MOG2";

  /** The prototype may need longer than the footage lasts. */
  private static final int MAX_PROTOTYPE_SECONDS = 5;

  /** CPU times have a resolution of 10 ms, so a short measurement may find none at all. */
  private static final double MIN_PERCENT = 0.1;

  @Mixin private SceneOptions scene;

  @Option(
      names = "--detect-picture",
      paramLabel = "WxH[@FPS]",
      description =
          "Also measure an idle camera with a small stream (DETECT_URL) of this picture; by default"
              + " it has the other's frame rate.")
  private String detectPicture;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "Length of each measurement (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--repeats",
      defaultValue = "3",
      description = "Number of measurements (default: ${DEFAULT-VALUE}).")
  private int repeats;

  @Option(
      names = "--cameras",
      defaultValue = "8",
      description =
          "Number of idle cameras, to measure each additional one (default: ${DEFAULT-VALUE}).")
  private int cameras;

  @Option(
      names = "--minutes",
      description = "Measure only that many idle cameras on one core, for this long.")
  private Double minutes;

  @Override
  void checkOptions() {
    require(seconds > 0, "--seconds", seconds);
    require(repeats > 0, "--repeats", repeats);
    require(cameras > 1, "--cameras", cameras);
    require(minutes == null || minutes > 0, "--minutes", minutes);
  }

  @Override
  void measure() throws IOException, InterruptedException, ClipUnreadableException {
    progress("drawing and encoding the scene");
    SceneFootage footage = SceneFootage.draw(scene.scene());
    if (minutes == null) {
      compare(footage, detectPicture == null ? Optional.empty() : Optional.of(small()));
    } else {
      measureMany(footage);
    }
  }

  private SceneFootage small() throws IOException {
    String picture =
        detectPicture.contains("@")
            ? detectPicture
            : detectPicture + "@" + scene.scene().framesPerSecond();
    return SceneFootage.draw(scene.scene("--detect-picture", picture));
  }

  private void compare(SceneFootage footage, Optional<SceneFootage> small)
      throws IOException, InterruptedException, ClipUnreadableException {
    CaptureComparison loads =
        CaptureComparison.measure(this, footage, small, scene, cameras, repeats, seconds);
    measurePrototype(footage);
    String idle = "idle camera, %d kbit/s".formatted(footage.kilobits(footage.quiet()));
    String recorded =
        "constant motion, recorded, %d kbit/s".formatted(footage.kilobits(footage.busy()));
    report.add(idle, CORE_PERCENT, loads.idle().percent, "≤ 2");
    report.add("each additional one of " + cameras, CORE_PERCENT, loads.additionalPercent(), "≤ 2");
    report.add("idle camera, MOTION_DECODE=all", CORE_PERCENT, loads.decoded().percent, "");
    loads
        .subStream()
        .ifPresent(
            sub -> {
              String row = "idle camera, motion detected in " + detectPicture;
              report.add(row, CORE_PERCENT, sub.percent, "≤ 2");
              report.add("memory (RSS) of it", "MiB", sub.residentMib, "");
            });
    report.add(recorded, CORE_PERCENT, loads.recorded().percent, "≤ 16");
    addRatio("prototype to idle camera", idle);
    addRatio("prototype to constant motion", recorded);
    report.add("memory (RSS) with one idle camera", "MiB", loads.idle().residentMib, "");
    report.add("memory of each additional one of " + cameras, "MiB", loads.additionalMib(), "≤ 12");
  }

  private void addRatio(String what, String row) {
    double ratio = report.median(PROTOTYPE) / Math.max(MIN_PERCENT, report.median(row));
    report.add(what, "×", ratio);
  }

  /** Measures the processor time of the prototype for each second of footage. */
  private void measurePrototype(SceneFootage footage) throws IOException, ClipUnreadableException {
    progress("measuring the prototype");
    int length = Math.min(seconds, MAX_PROTOTYPE_SECONDS);
    Path file = folder.resolve("prototype.h264");
    footage.write(file, footage.quiet(), length);
    try (PrototypeMotion prototype = new PrototypeMotion()) {
      prototype.process(file); // warm-up
      for (int repeat = 0; repeat < repeats; repeat++) {
        double processor = Timing.of(() -> prototype.process(file)).processor();
        report.add(PROTOTYPE, CORE_PERCENT, 100 * processor / length);
      }
    }
  }

  private void measureMany(SceneFootage footage) throws IOException, InterruptedException {
    int duration = (int) Math.ceil(minutes * 60);
    int groups = (cameras + MeasuredCapture.GROUP_SIZE - 1) / MeasuredCapture.GROUP_SIZE;
    // The first cameras must stay quiet until the last ones are at rest and measured.
    int quietSeconds = 120 + duration + groups * (scene.settleSeconds() + 20);
    EncodedVideo quiet = footage.quietAfterMotions(scene.settleSeconds(), quietSeconds);
    try (CaptureTestBench bench = new CaptureTestBench(this)) {
      MeasuredCapture capture =
          bench.add("capture, many idle", quiet, cameras, CaptureTestBench.IDLE);
      progress(
          "waiting %d s until %d cameras are at rest, %d at once"
              .formatted(groups * scene.settleSeconds(), cameras, MeasuredCapture.GROUP_SIZE));
      bench.settle(scene.settleSeconds());
      String core =
          capture.restrictToOneCore() ? "on one core" : "on all cores (taskset does not work here)";
      progress(
          "measuring %d cameras %s: %s min"
              .formatted(cameras, core, BenchmarkReport.format(minutes)));
      Map<String, Double> before = capture.packets();
      long start = System.nanoTime();
      bench.measure(1, Duration.ofSeconds(duration));
      Map<String, Double> after = capture.packets();
      double expected = quiet.frameRate() * (System.nanoTime() - start) / 1e9;
      double fewest =
          after.entrySet().stream()
              .mapToDouble(camera -> camera.getValue() - before.get(camera.getKey()))
              .min()
              .orElse(0);
      report.add(
          "%d idle cameras %s, %d kbit/s each"
              .formatted(cameras, core, footage.kilobits(footage.quiet())),
          CORE_PERCENT,
          capture.percent,
          "≤ 100");
      report.add("memory (RSS)", "MiB", capture.residentMib, "");
      report.add("packets received per camera, minimum", "", fewest);
      report.add(
          "lag behind the cameras, maximum",
          "s",
          Math.max(0, expected - fewest) / quiet.frameRate());
      report.add("packets lost since the start, all cameras", "", capture.lost(), "0");
      report.add("connections lost", "", capture.reconnects(), "0");
    }
  }
}
