package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.measure.ProcFile;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.lab.measure.ServiceProcess;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerMain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the memory of a worker that analyses many clips. */
@Command(
    name = "memory",
    hidden = true,
    description = {
      "Measures how much memory a worker uses, and whether it grows from clip to clip.",
      "Starts a worker and a Redis in a temporary folder. The worker analyses short busy clips of"
          + " two sizes in turn, with snapshots and log. Needs Linux."
    })
final class BenchMemoryCommand extends Benchmark {
  private static final int WARM_UP_CLIPS = 20;

  /** Clips per row of the report. */
  private static final int STEP_CLIPS = 50;

  /** After so many clips, the worker should not grow any more. */
  private static final int GROWN_CLIPS = 100;

  private static final int CLIP_SECONDS = 2;
  private static final Duration CLIP_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  @Option(
      names = "--clips",
      defaultValue = "200",
      description = "Number of clips (default: ${DEFAULT-VALUE}).")
  private int clips;

  @Option(
      names = "--height",
      defaultValue = "1080",
      description =
          "Height of the drawn picture in pixels; two thirds of it for every other clip"
              + " (default: ${DEFAULT-VALUE}).")
  private int height;

  @Override
  void checkOptions() {
    require(clips > 0, "--clips", clips);
  }

  @Override
  void measure() throws IOException, InterruptedException {
    String model = Models.find(Settings.ofProcess()).toAbsolutePath().toString();
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(folder));
        JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(redis.environment())))) {
      progress("drawing and encoding the scene");
      List<Path> scenes = List.of(draw(height), draw(height * 2 / 3));
      Map<String, String> settings = new HashMap<>(redis.environment());
      settings.put("VIDEO_DIR", folder.toString());
      settings.put("YOLO_MODEL", model);
      settings.put("LOGLEVEL", "info");
      try (ServiceProcess worker =
          ServiceProcess.installed(
              "worker", "video-worker", WorkerMain.class, settings, folder.resolve("worker.log"))) {
        worker.start();
        measure(scenes, queue, worker);
      }
    }
  }

  private Path draw(int height) throws IOException {
    // The codec needs even sides.
    Scene scene = new Scene(height * 16 / 9 / 2 * 2, height / 2 * 2, 25, 7);
    Path file = folder.resolve("scene-%d.h264".formatted(height));
    SceneFootage footage = SceneFootage.draw(scene);
    footage.write(file, footage.busy(), CLIP_SECONDS);
    return file;
  }

  private void measure(List<Path> scenes, JobQueue queue, ServiceProcess worker)
      throws IOException, InterruptedException {
    int done = 0;
    double grown = 0;
    double median = 0;
    while (done < clips) {
      int wanted = done == 0 ? WARM_UP_CLIPS : (done / STEP_CLIPS + 1) * STEP_CLIPS;
      int step = Math.min(wanted, clips);
      progress("clips %d to %d of %d".formatted(done + 1, step, clips));
      List<Path> queued = new ArrayList<>();
      for (int clip = done; clip < step; clip++) {
        Path file = folder.resolve("clip-%d.h264".formatted(clip));
        Files.copy(scenes.get(clip % scenes.size()), file);
        queued.add(file);
        queue.enqueue(Job.forFile(file.getFileName().toString()));
      }
      String row = "clips %d to %d: memory (RSS)".formatted(done + 1, step);
      long deadline = System.nanoTime() + CLIP_TIMEOUT.toNanos() * queued.size();
      while (isWorking(queue, worker)) {
        report.add(row, "MiB", mebibytes(worker, "VmRSS"));
        if (System.nanoTime() > deadline) {
          throw worker.failure("is too slow");
        }
        shutdown.sleep(POLL_INTERVAL);
      }
      median = report.median(row);
      if (step == GROWN_CLIPS) {
        grown = median;
      }
      for (Path file : queued) {
        Files.delete(file);
      }
      done = step;
    }
    if (clips > GROWN_CLIPS) {
      report.add("growth since clips 51 to 100", "MiB", median - grown, "about 0");
    }
    report.add("peak", "MiB", mebibytes(worker, "VmHWM"), "≤ 900");
  }

  private static boolean isWorking(JobQueue queue, ServiceProcess worker) throws IOException {
    QueueDepth depth = queue.depth();
    if (depth.dead() > 0 || depth.retrying() > 0) {
      throw worker.failure("could not analyse a clip");
    }
    if (!worker.process().isAlive()) {
      throw worker.failure("has ended");
    }
    return depth.waiting() > 0 || depth.started() > 0;
  }

  private static double mebibytes(ServiceProcess worker, String field) {
    return ProcFile.mebibytes(worker.process().pid(), field)
        .orElseThrow(() -> new UserException("Cannot read the memory of the worker from /proc."));
  }
}
