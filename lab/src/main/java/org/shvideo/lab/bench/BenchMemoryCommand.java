package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.TemporaryFolder;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.measure.BenchReport;
import org.shvideo.lab.measure.SceneClip;
import org.shvideo.lab.measure.ServiceProcess;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerMain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how much memory a worker takes while it analyses one clip after the other. */
@Command(
    name = "memory",
    mixinStandardHelpOptions = true,
    description = {
      "How much memory a worker takes, and whether it grows from clip to clip.",
      "Starts a worker and a Redis in a temporary folder and gives it short busy clips of two sizes"
          + " in turn, which it analyses as always, snapshots and log included. Needs Linux."
    })
final class BenchMemoryCommand implements Callable<Integer> {
  private static final int WARM_UP_CLIPS = 20;

  /** So many are told together. */
  private static final int STEP_CLIPS = 50;

  /** From here on the worker should be as large as it gets. */
  private static final int GROWN_CLIPS = 100;

  private static final int CLIP_SECONDS = 2;
  private static final Duration CLIP_WITHIN = Duration.ofSeconds(60);
  private static final Duration LOOK_EACH = Duration.ofMillis(100);

  @Option(
      names = "--clips",
      defaultValue = "200",
      description = "How many clips; ${DEFAULT-VALUE} where not given.")
  private int clips;

  @Option(
      names = "--height",
      defaultValue = "1080",
      description =
          "Of the drawn picture, pixels, and two thirds of it for every other clip;"
              + " ${DEFAULT-VALUE} where not given.")
  private int height;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  private final BenchReport report = new BenchReport("memory");

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (clips < 1) {
      throw new ParameterException(spec.commandLine(), "--clips: at least 1.");
    }
    LogLevel.ERROR.apply();
    String model = Models.find(Settings.ofProcess()).toAbsolutePath().toString();
    try (ShutdownSignal interruption = new ShutdownSignal(spec.commandLine().getErr());
        TemporaryFolder folder = TemporaryFolder.make("sh-video-bench");
        EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(folder.path()));
        JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(redis.environment())))) {
      BenchReport.say(spec, "drawing and encoding the scene");
      List<Path> scenes = List.of(draw(folder.path(), height), draw(folder.path(), height * 2 / 3));
      Map<String, String> settings = new HashMap<>(redis.environment());
      settings.put("VIDEO_DIR", folder.path().toString());
      settings.put("YOLO_MODEL", model);
      settings.put("LOGLEVEL", "info");
      Path log = folder.path().resolve("worker.log");
      Process worker =
          ServiceProcess.builder(
                  ServiceProcess.installed("video-worker", WorkerMain.class), settings, log)
              .start();
      try {
        measure(folder.path(), scenes, queue, worker, log, interruption);
      } finally {
        worker.destroyForcibly().waitFor();
      }
    }
    report.print(spec.commandLine().getOut(), asJson);
    return 0;
  }

  private static Path draw(Path folder, int height) throws IOException {
    // Even sides, as codecs want them.
    Scene scene = new Scene(height * 16 / 9 / 2 * 2, height / 2 * 2, 25, 7);
    Path file = folder.resolve("scene-%d.h264".formatted(height));
    SceneClip.draw(scene).writeBusy(file, CLIP_SECONDS);
    return file;
  }

  private void measure(
      Path folder,
      List<Path> scenes,
      JobQueue queue,
      Process worker,
      Path log,
      ShutdownSignal interruption)
      throws IOException, InterruptedException {
    int done = 0;
    double grown = 0;
    while (done < clips) {
      int wanted = done == 0 ? WARM_UP_CLIPS : (done / STEP_CLIPS + 1) * STEP_CLIPS;
      int step = Math.min(wanted, clips);
      BenchReport.say(spec, "clips %d to %d of %d".formatted(done + 1, step, clips));
      List<Path> given = new ArrayList<>();
      for (int clip = done; clip < step; clip++) {
        Path file = folder.resolve("clip-%d.h264".formatted(clip));
        Files.copy(scenes.get(clip % scenes.size()), file);
        given.add(file);
        queue.enqueue(Job.forFile(file.getFileName().toString()));
      }
      Duration within = CLIP_WITHIN.multipliedBy(given.size());
      double[] resident = whileAnalysed(queue, worker, log, within, interruption);
      report.add("clips %d to %d: memory (RSS)".formatted(done + 1, step), "MiB", resident, "");
      if (step == GROWN_CLIPS) {
        grown = report.last();
      }
      for (Path file : given) {
        Files.delete(file);
      }
      done = step;
    }
    if (clips > GROWN_CLIPS) {
      double growth = report.last() - grown;
      report.add("growth since clips 51 to 100", "MiB", new double[] {growth}, "about 0");
    }
    report.add("most", "MiB", new double[] {mebibytes(worker, "VmHWM")}, "≤ 900");
  }

  /** What it took, looked at several times a second, until no job is left. */
  private double[] whileAnalysed(
      JobQueue queue, Process worker, Path log, Duration within, ShutdownSignal interruption)
      throws IOException, InterruptedException {
    List<Double> resident = new ArrayList<>();
    long began = System.nanoTime();
    while (true) {
      QueueDepth depth = queue.depth();
      if (depth.dead() > 0 || depth.retrying() > 0) {
        throw ServiceProcess.failure("the worker could not analyse a clip", log);
      }
      if (!worker.isAlive()) {
        throw ServiceProcess.failure("the worker has ended", log);
      }
      resident.add(mebibytes(worker, "VmRSS"));
      if (depth.waiting() == 0 && depth.started() == 0) {
        return resident.stream().mapToDouble(Double::doubleValue).toArray();
      }
      if (System.nanoTime() - began > within.toNanos()) {
        throw ServiceProcess.failure(
            "the worker is not done within %d s".formatted(within.toSeconds()), log);
      }
      interruption.sleep(LOOK_EACH);
    }
  }

  private static double mebibytes(Process worker, String what) {
    return BenchReport.kib(
            BenchReport.fromProc("/proc/%d/status".formatted(worker.pid()), what)
                .orElseThrow(
                    () -> new UserException("Linux's /proc does not tell of the worker's memory")))
        / 1024.0;
  }
}
