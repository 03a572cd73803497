package org.shvideo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.shvideo.capture.Camera;
import org.shvideo.capture.CaptureService;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.Finding.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.ClipDetection;
import org.shvideo.worker.Worker;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;

/**
 * Redis, capture and the worker in one process, for those who want one command. Uses the Redis that
 * {@code RDS_HOST} names, or embeds one. Runs once, in the caller's thread.
 */
final class Pipeline {
  private static final Duration CLOSES_WITHIN = Duration.ofSeconds(20);
  private static final Duration LOOKS_EVERY = Duration.ofMillis(200);

  private final Settings settings;
  private final VideoFolder folder;
  private final PrintWriter out;
  private final Clock clock = Clock.system(ZoneId.systemDefault());
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * Checks the settings and starts nothing yet.
   *
   * @param settings with the cameras
   * @throws org.shvideo.tasks.settings.SettingsException when they cannot be used
   */
  Pipeline(Settings settings, PrintWriter out) {
    this.settings = settings;
    this.out = out;
    this.folder = CaptureSettings.from(settings).folder();
    WorkerSettings worker = WorkerSettings.from(settings);
    settings.check();
    worker.logLevel().apply();
  }

  /**
   * Runs until the lines of so many clips are written, or all inputs were files and are analysed,
   * or the process is told to end. A clip in progress is finished and published first; its job
   * waits for the next run.
   *
   * @param model a TorchScript file
   * @param clips 0 for no end
   * @return the process' exit status
   */
  int run(Path model, int clips) throws InterruptedException {
    Thread hook = new Thread(this::interrupt, "interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
    try (EmbeddedRedis redis = settings.isSet("RDS_HOST") ? null : EmbeddedRedis.start(folder)) {
      Settings wired = settings.with(redis == null ? Map.of() : redis.environment());
      return run(wired, model, clips);
    } finally {
      closed.countDown();
    }
  }

  private int run(Settings wired, Path model, int clips) throws InterruptedException {
    CaptureSettings captureSettings = CaptureSettings.from(wired);
    WorkerSettings workerSettings = WorkerSettings.from(wired);
    Story story = new Story(out, folder, clock);
    SecureRandom random = new SecureRandom();
    try (JobQueue queue = new JobQueue(captureSettings.queue());
        Monitoring monitoring = new Monitoring(captureSettings.monitoring());
        YoloDetector detector =
            YoloDetector.load(
                model,
                workerSettings.confidence(),
                workerSettings.iou(),
                workerSettings.threads());
        Worker worker =
            new Worker(
                queue,
                workerSettings.queue(),
                folder,
                new DetectionLog(folder.log()),
                new ClipDetection(detector, workerSettings.sampling(), true, clock),
                story,
                clock,
                random);
        CaptureService capture =
            CaptureService.open(captureSettings, queue, clock, random, story)) {
      for (Camera camera : captureSettings.cameras()) {
        story.tell("camera", camera.name() + "  " + camera.url().masked());
      }
      story.tell("model", detector.modelName());
      story.tell("folder", Story.shown(folder.root()));
      capture.addTo(monitoring);
      worker.addTo(monitoring);
      monitoring.watch(queue, State.FAILED);
      monitoring.watch(folder);
      monitoring.start();
      new Thread(worker::run, "worker").start();
      capture.start();
      return awaitEnd(capture, story, clips);
    } catch (ModelUnavailableException e) {
      throw new UserException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  private int awaitEnd(CaptureService capture, Story story, int clips) throws InterruptedException {
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    Thread inputs =
        new Thread(
            () -> {
              try {
                ended.complete(capture.awaitEnd());
              } catch (InterruptedException e) {
                ended.complete(false);
              }
            },
            "inputs");
    inputs.setDaemon(true);
    inputs.start();
    while (!interrupted.await(LOOKS_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
      if (clips > 0 && story.analysed() >= clips) {
        return 0;
      }
      if (ended.isDone() && story.waiting() == 0) {
        story.tell("end", "%d clips, all analysed".formatted(story.analysed()));
        return ended.join() ? 0 : 1;
      }
    }
    return 0;
  }

  /** On Ctrl-C and SIGTERM: keeps the process alive until all is closed, for a while. */
  private void interrupt() {
    interrupted.countDown();
    try {
      if (!closed.await(CLOSES_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        out.println("sh-video: not everything ended in time; the next run goes on with the rest");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
