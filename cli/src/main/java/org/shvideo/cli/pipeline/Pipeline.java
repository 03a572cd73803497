package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.shvideo.capture.Camera;
import org.shvideo.capture.CaptureService;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerSettings;

/**
 * Capture in this process, with a worker and, unless {@code RDS_HOST} names one, a Redis in
 * processes that end with it. Runs once, on the caller's thread.
 */
public final class Pipeline {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  private final Settings settings;
  private final VideoFolder folder;
  private final PrintWriter out;
  private final Clock clock = Clock.system(ZoneId.systemDefault());

  /**
   * Checks the settings; starts nothing.
   *
   * @param settings with the cameras
   * @throws org.shvideo.tasks.settings.SettingsException when they cannot be used
   */
  public Pipeline(Settings settings, PrintWriter out) {
    this.settings = settings;
    this.out = out;
    this.folder = CaptureSettings.from(settings).folder();
    WorkerSettings worker = WorkerSettings.from(settings);
    settings.check();
    worker.logLevel().apply();
  }

  /**
   * Runs until the given number of clips is analysed, or all cameras were files and are analysed,
   * or the process receives a signal. A clip in progress is finished and published first; its job
   * waits for the next run.
   *
   * @param model a TorchScript file
   * @param clips 0 for no limit
   * @return the exit status of the process
   */
  public int run(Path model, int clips) throws InterruptedException {
    try (ShutdownSignal shutdown = new ShutdownSignal(out);
        EmbeddedRedis redis = settings.isSet("RDS_HOST") ? null : EmbeddedRedis.of(folder)) {
      if (redis == null) {
        return run(settings, null, model, clips, shutdown);
      }
      redis.keepRunning();
      return run(settings.with(redis.environment()), redis, model, clips, shutdown);
    }
  }

  private int run(
      Settings settings, EmbeddedRedis redis, Path model, int clips, ShutdownSignal shutdown)
      throws InterruptedException {
    CaptureSettings captureSettings = CaptureSettings.from(settings);
    EventPrinter events = new EventPrinter(out, folder, clock);
    try (SupervisedWorker worker = SupervisedWorker.start(settings, folder, model, events);
        Monitoring monitoring = new Monitoring(captureSettings.monitoring());
        CaptureService capture =
            CaptureService.open(captureSettings, worker.queue(), clock, events)) {
      for (Camera camera : captureSettings.cameras()) {
        events.print("camera", camera.name() + "  " + camera.url().masked());
      }
      events.print("model", worker.model());
      events.print("folder", EventPrinter.displayPath(folder.root()));
      capture.addTo(monitoring);
      worker.addTo(monitoring);
      monitoring.watch(worker.queue(), State.FAILED);
      monitoring.watch(folder);
      monitoring.start();
      capture.start();
      return awaitEnd(capture, redis, worker.queue(), events, clips, shutdown);
    } catch (IOException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  private void queueLostClips(JobQueue queue, EventPrinter events) {
    String what;
    try {
      List<Job> jobs = ClipAudit.queueLostClips(folder, queue, true);
      what = "queued %d clips again whose jobs were lost".formatted(jobs.size());
    } catch (IOException | QueueUnavailableException e) {
      what = "lost jobs (sh-video check --repair queues them): " + e.getMessage();
    }
    events.print("queue", what);
  }

  /** The start script starts this process again when it crashes, and must not leave it behind. */
  private static boolean supervisorLives() {
    Long supervisor = Long.getLong("shvideo.supervisor");
    return supervisor == null || ProcessHandle.of(supervisor).isPresent();
  }

  private int awaitEnd(
      CaptureService capture,
      EmbeddedRedis redis,
      JobQueue queue,
      EventPrinter events,
      int clips,
      ShutdownSignal shutdown)
      throws InterruptedException {
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
    while (!shutdown.await(POLL_INTERVAL) && supervisorLives()) {
      if (redis != null) {
        redis.keepRunning();
        if (redis.takeDataSetAside()) {
          queueLostClips(queue, events);
        }
      }
      if (clips > 0 && events.analysed() >= clips) {
        return 0;
      }
      if (ended.isDone() && events.waiting() == 0) {
        events.print("end", "%d clips, all analysed".formatted(events.analysed()));
        return ended.join() ? 0 : 1;
      }
    }
    return 0;
  }
}
