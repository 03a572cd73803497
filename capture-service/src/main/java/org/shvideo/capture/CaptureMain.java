package org.shvideo.capture;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;

/**
 * Runs the capture service with settings from the environment. Exit status: 0 if all inputs were
 * files and have ended, 1 if the folder, a file or METRICS_PORT cannot be used, 2 if settings are
 * invalid. SIGTERM and SIGINT finish and publish the clips in progress first.
 */
public final class CaptureMain {
  private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(9500);

  private CaptureMain() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(run(Settings.ofProcess(), System.err));
  }

  private static int run(Settings environment, PrintStream err) throws InterruptedException {
    CaptureSettings settings = CaptureSettings.from(environment);
    try {
      environment.check();
    } catch (SettingsException e) {
      err.println(e.getMessage());
      return 2;
    }
    settings.logLevel().apply();
    try (JobQueue queue = new JobQueue(settings.queue());
        Monitoring monitoring = new Monitoring(settings.monitoring());
        CaptureService service =
            CaptureService.open(
                settings, queue, Clock.system(ZoneId.systemDefault()), ClipListener.NONE)) {
      service.addTo(monitoring);
      monitoring.watch(queue, State.DEGRADED);
      monitoring.watch(settings.folder());
      monitoring.start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> shutDown(service), "shutdown"));
      service.start();
      return service.awaitEnd() ? 0 : 1;
    } catch (IOException e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  /** The process ends when this returns, even if a thread is stuck, on a disk for example. */
  private static void shutDown(CaptureService service) {
    Thread closing = new Thread(service::close, "closing");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(CLOSE_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
