package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.shvideo.capture.Camera;
import org.shvideo.capture.CaptureService;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.tasks.monitoring.Finding.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerSettings;

/**
 * Redis, capture and the worker in one process, for those who want one command. Uses the Redis that
 * {@code RDS_HOST} names, or embeds one. Runs once, in the caller's thread.
 */
public final class Pipeline {
  private static final Duration LOOKS_EVERY = Duration.ofMillis(200);

  private final Settings settings;
  private final VideoFolder folder;
  private final PrintWriter out;
  private final Clock clock = Clock.system(ZoneId.systemDefault());

  /**
   * Checks the settings and starts nothing yet.
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
   * Runs until the lines of so many clips are written, or all inputs were files and are analysed,
   * or the process is told to end. A clip in progress is finished and published first; its job
   * waits for the next run.
   *
   * @param model a TorchScript file
   * @param clips 0 for no end
   * @return the process' exit status
   */
  public int run(Path model, int clips) throws InterruptedException {
    try (ShutdownSignal interruption = new ShutdownSignal(out);
        EmbeddedRedis redis = settings.isSet("RDS_HOST") ? null : EmbeddedRedis.start(folder)) {
      Settings wired = settings.with(redis == null ? Map.of() : redis.environment());
      return run(wired, model, clips, interruption);
    }
  }

  private int run(Settings wired, Path model, int clips, ShutdownSignal interruption)
      throws InterruptedException {
    CaptureSettings captureSettings = CaptureSettings.from(wired);
    EventPrinter story = new EventPrinter(out, folder, clock);
    SecureRandom random = new SecureRandom();
    try (WorkerHost analysis = WorkerHost.open(wired, folder, model, story, clock, random);
        Monitoring monitoring = new Monitoring(captureSettings.monitoring());
        CaptureService capture =
            CaptureService.open(captureSettings, analysis.queue(), clock, random, story)) {
      for (Camera camera : captureSettings.cameras()) {
        story.tell("camera", camera.name() + "  " + camera.url().masked());
      }
      story.tell("model", analysis.model());
      story.tell("folder", EventPrinter.shown(folder.root()));
      capture.addTo(monitoring);
      analysis.addTo(monitoring);
      monitoring.watch(analysis.queue(), State.FAILED);
      monitoring.watch(folder);
      monitoring.start();
      analysis.start();
      capture.start();
      return awaitEnd(capture, story, clips, interruption);
    } catch (IOException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  private int awaitEnd(
      CaptureService capture, EventPrinter story, int clips, ShutdownSignal interruption)
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
    while (!interruption.await(LOOKS_EVERY)) {
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
}
