package org.shvideo.lab.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.lab.measure.SceneOptions;
import org.shvideo.lab.measure.Timing;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.YoloDetector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Measures how many cameras this machine sustains; its subcommands measure single parts. */
@Command(
    name = "bench",
    description = {
      "Measures how many cameras this machine sustains. Takes about three minutes.",
      "With a PART, measures that part of the product against its baseline."
    },
    synopsisSubcommandLabel = "[PART]",
    subcommands = {
      BenchCaptureCommand.class,
      BenchWorkerCommand.class,
      BenchQueueCommand.class,
      BenchStartCommand.class,
      BenchMemoryCommand.class
    })
public final class BenchCommand extends Benchmark {
  /** Shares of the time with motion: a yard at night, a hallway, a shop, a street. */
  private static final List<Double> MOTION = List.of(0.01, 0.05, 0.20, 0.50);

  private static final String PROCESSOR_SECONDS = "s of processor time";

  private static final int CAMERAS = 8;
  private static final int CAPTURE_SECONDS = 20;
  private static final int CLIP_SECONDS = 30;
  private static final int WARM_UP_CLIP_SECONDS = 5;

  @Mixin private SceneOptions sceneOptions;

  private Capacity capacity;

  @Override
  void measure() throws IOException, InterruptedException, ClipUnreadableException {
    Scene scene = sceneOptions.scene();
    try (YoloDetector detector = Models.load(Settings.ofProcess())) {
      progress("drawing and encoding the scene");
      SceneFootage footage = SceneFootage.draw(scene);
      double analysis = measureAnalysis(footage, detector);
      capacity = measureCapture(footage, analysis);
    }
    for (double motion : MOTION) {
      report.add("cameras at %.0f %% motion".formatted(100 * motion), "", capacity.cameras(motion));
    }
    report.add("cameras while all are decoded", "", capacity.decodedCameras());
  }

  /** The processor time of the worker for each second of a clip with constant motion. */
  private double measureAnalysis(SceneFootage footage, YoloDetector detector)
      throws IOException, ClipUnreadableException {
    progress("worker: two clips of %d s".formatted(CLIP_SECONDS));
    double unused = processorSeconds(detector, footage, footage.busy(), WARM_UP_CLIP_SECONDS);
    report.add(
        "worker, a quiet clip of %d s".formatted(CLIP_SECONDS),
        PROCESSOR_SECONDS,
        processorSeconds(detector, footage, footage.quiet(), CLIP_SECONDS));
    double busySeconds = processorSeconds(detector, footage, footage.busy(), CLIP_SECONDS);
    report.add(
        "worker, a busy clip of %d s".formatted(CLIP_SECONDS), PROCESSOR_SECONDS, busySeconds);
    return busySeconds / CLIP_SECONDS;
  }

  private double processorSeconds(
      YoloDetector detector, SceneFootage footage, List<AccessUnit> part, int seconds)
      throws IOException, ClipUnreadableException {
    Path clip = folder.resolve("clip.h264");
    footage.write(clip, part, seconds);
    return Timing.of(
            () -> {
              var unused = BenchWorkerCommand.analyse(detector, Sampling.ADAPTIVE, clip);
            })
        .processor();
  }

  private Capacity measureCapture(SceneFootage footage, double analysis)
      throws IOException, InterruptedException {
    CaptureComparison loads =
        CaptureComparison.measure(
            this, footage, Optional.empty(), sceneOptions, CAMERAS, 1, CAPTURE_SECONDS);
    double idle = loads.idle().percent.get(0);
    double additional = loads.additionalPercent().get(0);
    double decoded = loads.decoded().percent.get(0);
    double recorded = loads.recorded().percent.get(0);
    report.add("capture, one idle camera", CORE_PERCENT, idle);
    report.add("capture, each additional one", CORE_PERCENT, additional);
    report.add("capture, one idle camera, all decoded", CORE_PERCENT, decoded);
    report.add("capture, one with constant motion, recorded", CORE_PERCENT, recorded);
    report.add("memory of capture with one camera", "MiB", loads.idle().residentMib.get(0));
    report.add("memory of each additional one", "MiB", loads.additionalMib().get(0));
    int cores = Runtime.getRuntime().availableProcessors();
    return Capacity.measured(
        cores, idle / 100, additional / 100, decoded / 100, recorded / 100, analysis);
  }

  @Override
  void print(PrintWriter out, boolean json) {
    report.print("capacity", out, json);
    if (json) {
      return;
    }
    out.println();
    Scene scene = sceneOptions.scene();
    for (double motion : MOTION) {
      out.printf(
          "This machine sustains %d cameras of %dp%d at %.0f %% motion: %s%n",
          capacity.cameras(motion),
          scene.height(),
          scene.framesPerSecond(),
          100 * motion,
          capacity.formula(motion));
    }
    out.printf(
        "After a start, all frames are decoded until capture has seen three motions on each camera."
            + " Until then it sustains %d.%n",
        capacity.decodedCameras());
    out.println("All loads are in cores; docs/guide/capacity.md says what is left out.");
    out.flush();
  }
}
