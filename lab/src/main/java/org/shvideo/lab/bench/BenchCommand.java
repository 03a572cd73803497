package org.shvideo.lab.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.TemporaryFolder;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.measure.BenchReport;
import org.shvideo.lab.measure.Cost;
import org.shvideo.lab.measure.SceneClip;
import org.shvideo.lab.measure.SceneOptions;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures how fast the parts are on this machine, each against its baseline in the same run; of
 * itself it measures only what tells how many cameras the machine sustains.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures this machine and says how many cameras it sustains, in about three minutes.",
      "With a PART, measures that part of the product against its baseline in the same run."
    },
    synopsisSubcommandLabel = "[PART]",
    subcommands = {
      BenchCaptureCommand.class,
      BenchWorkerCommand.class,
      BenchQueueCommand.class,
      BenchStartCommand.class,
      BenchMemoryCommand.class
    })
public final class BenchCommand implements Callable<Integer> {
  /** Shares of the time in which something moves: a yard at night, a hallway, a shop, a street. */
  private static final List<Double> MOTION = List.of(0.01, 0.05, 0.20, 0.50);

  private static final String OF_A_CORE = "% of a core";
  private static final String PROCESSOR_SECONDS = "s of processor time";

  private static final int CAMERAS = 8;
  private static final int QUIET_SECONDS = 120;
  private static final int CAPTURE_SECONDS = 20;
  private static final int CLIP_SECONDS = 30;
  private static final int WARM_UP_CLIP_SECONDS = 5;

  @Mixin private SceneOptions scene;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  private final BenchReport report = new BenchReport("capacity");

  @Override
  public Integer call() throws IOException, InterruptedException {
    Scene drawn = scene.scene();
    Settings environment = Settings.ofProcess();
    WorkerSettings settings = WorkerSettings.from(environment);
    environment.check();
    Path model = Models.find(environment);
    LogLevel.ERROR.apply();
    say("drawing and encoding the scene");
    SceneClip clip = SceneClip.draw(drawn);
    Capacity capacity;
    try (ShutdownSignal interruption = new ShutdownSignal(spec.commandLine().getErr());
        TemporaryFolder folder = TemporaryFolder.make("sh-video-bench")) {
      double analysis = analysis(clip, folder.path(), model, settings);
      capacity = capacity(clip, folder.path(), interruption, analysis);
    } catch (ModelUnavailableException | ClipUnreadableException e) {
      throw new UserException(e.getMessage(), e);
    }
    print(drawn, capacity);
    return 0;
  }

  /** What the worker takes for each second of a clip in which something moves all the time. */
  private double analysis(SceneClip clip, Path folder, Path model, WorkerSettings settings)
      throws IOException, ClipUnreadableException, ModelUnavailableException {
    say("worker: two clips of %d s".formatted(CLIP_SECONDS));
    Path warmUp = folder.resolve("warm-up.h264");
    Path quiet = folder.resolve("quiet.h264");
    Path busy = folder.resolve("busy.h264");
    clip.writeBusy(warmUp, WARM_UP_CLIP_SECONDS);
    clip.writeQuiet(quiet, CLIP_SECONDS);
    clip.writeBusy(busy, CLIP_SECONDS);
    try (YoloDetector detector =
        YoloDetector.load(model, settings.confidence(), settings.iou(), settings.threads())) {
      var unused = BenchWorkerCommand.analyse(detector, Sampling.ADAPTIVE, warmUp);
      add(
          "worker, a quiet clip of %d s".formatted(CLIP_SECONDS),
          PROCESSOR_SECONDS,
          processorSeconds(detector, quiet));
      add(
          "worker, a busy clip of %d s".formatted(CLIP_SECONDS),
          PROCESSOR_SECONDS,
          processorSeconds(detector, busy));
    }
    return report.last() / CLIP_SECONDS;
  }

  private static double processorSeconds(YoloDetector detector, Path clip)
      throws IOException, ClipUnreadableException {
    return Cost.of(
            () -> {
              var unused = BenchWorkerCommand.analyse(detector, Sampling.ADAPTIVE, clip);
            })
        .processor();
  }

  private Capacity capacity(
      SceneClip clip, Path folder, ShutdownSignal interruption, double analysis)
      throws IOException, InterruptedException {
    EncodedVideo quiet = clip.quietAfterMotions(scene.settleSeconds(), QUIET_SECONDS);
    try (CaptureBench bench = new CaptureBench(folder, interruption)) {
      CaptureSubject one = bench.add("capture, idle", quiet, 1, CaptureBench.IDLE);
      CaptureSubject many = bench.add("capture, many idle", quiet, CAMERAS, CaptureBench.IDLE);
      Map<String, String> decodingAll = new HashMap<>(CaptureBench.IDLE);
      decodingAll.put("MOTION_DECODE", "all");
      CaptureSubject all = bench.add("capture, decoding all", quiet, 1, decodingAll);
      CaptureSubject busy = bench.add("capture, recording", clip.busy(), 1, Map.of());
      say("capture: %d s for the cameras to come to rest".formatted(scene.settleSeconds()));
      bench.settle(scene.settleSeconds());
      bench.awaitMotion(busy);
      say("capture: %d s".formatted(CAPTURE_SECONDS));
      bench.measure(1, Duration.ofSeconds(CAPTURE_SECONDS));

      double first = one.percent()[0];
      double further = (many.percent()[0] - first) / (CAMERAS - 1);
      double decoded = all.percent()[0];
      double recorded = busy.percent()[0];
      double memory = one.residentMib()[0];
      add("capture, one idle camera", OF_A_CORE, first);
      add("capture, each further one", OF_A_CORE, further);
      add("capture, one idle camera, all decoded", OF_A_CORE, decoded);
      add("capture, one with constant motion, recorded", OF_A_CORE, recorded);
      add("capture's memory with one camera", "MiB", memory);
      add("memory of each further one", "MiB", (many.residentMib()[0] - memory) / (CAMERAS - 1));
      int cores = Runtime.getRuntime().availableProcessors();
      return Capacity.measured(
          cores, first / 100, further / 100, decoded / 100, recorded / 100, analysis);
    }
  }

  private void print(Scene drawn, Capacity capacity) throws IOException {
    for (double motion : MOTION) {
      add("cameras at %.0f %% motion".formatted(100 * motion), "", capacity.cameras(motion));
    }
    add("cameras while all are decoded", "", capacity.camerasUnproven());
    PrintWriter out = spec.commandLine().getOut();
    report.print(out, asJson);
    if (!asJson) {
      out.println();
      for (double motion : MOTION) {
        out.printf(
            "This box sustains %d cameras of %dp%d at %.0f %% motion: %s%n",
            capacity.cameras(motion),
            drawn.height(),
            drawn.framesPerSecond(),
            100 * motion,
            capacity.arithmetic(motion));
      }
      out.printf(
          "While all are decoded, as after a start, until each one's packets have told of three"
              + " motions: %d.%n",
          capacity.camerasUnproven());
      out.println("All costs are in cores; docs/guide/capacity.md tells what is left out.");
      out.flush();
    }
  }

  private void add(String what, String unit, double value) {
    report.add(what, unit, new double[] {value}, "");
  }

  private void say(String what) {
    BenchReport.say(spec, what);
  }
}
