package org.shvideo.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.yolo.ModelSource;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker as a process of its own, configured by the environment. */
public final class WorkerMain {
  /**
   * The argument for a worker that another process of this product supervises. It reads standard
   * input until that ends, which stops it, writes {@link WorkerMessage}s to standard output, and
   * serves no health and metrics itself.
   */
  public static final String SUPERVISED = "supervised";

  private static final Logger log = LoggerFactory.getLogger(WorkerMain.class);

  /** For the clip in progress: containers are killed ten seconds after they are told to stop. */
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  /** Exit status when the analysis of a clip is stuck and the process must be restarted. */
  public static final int STUCK = 70;

  /** As the system reports a process that SIGTERM ended. */
  private static final int TERMINATED = 128 + 15;

  private static final Duration EXIT_TIMEOUT = Duration.ofMillis(9500);

  private WorkerMain() {}

  public static void main(String[] arguments) {
    Settings environment = Settings.ofProcess();
    WorkerSettings settings = WorkerSettings.from(environment);
    boolean supervised = List.of(arguments).contains(SUPERVISED);
    ParentProcess parent = supervised ? ParentProcess.connect() : null;
    try {
      environment.check();
      settings.logLevel().apply();
      run(settings, parent);
    } catch (SettingsException e) {
      fail(e, 2, parent);
    } catch (ModelUnavailableException | IOException e) {
      fail(e, 1, parent);
    }
  }

  private static void fail(Exception reason, int status, ParentProcess parent) {
    if (parent == null) {
      log.error("{}", reason.getMessage());
    } else {
      parent.failed(reason.getMessage());
    }
    System.exit(status);
  }

  private static void run(WorkerSettings settings, ParentProcess parent)
      throws ModelUnavailableException, IOException {
    AtomicReference<Worker> started = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);
    Duration patience = parent == null ? PATIENCE : Duration.ZERO;
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(started.get(), patience, ended), "stop"));
    try {
      run(settings, parent, started);
    } finally {
      ended.countDown();
    }
  }

  private static void run(
      WorkerSettings settings, ParentProcess parent, AtomicReference<Worker> started)
      throws ModelUnavailableException, IOException {
    FileOperations.createFolders(settings.folder().root());
    DetectionLog detectionLog = new DetectionLog(settings.folder().log(), settings.rotation());
    readWhileModelLoads(detectionLog);
    Path model =
        new ModelSource(settings.model(), Path.of(System.getProperty("shvideo.root", ""))).find();
    try (YoloDetector detector =
            YoloDetector.load(model, settings.confidence(), settings.iou(), settings.threads());
        JobQueue queue = new JobQueue(settings.queue());
        Monitoring monitoring = new Monitoring(settings.monitoring())) {
      Clock clock = Clock.system(ZoneId.systemDefault());
      Worker worker =
          new Worker(
              queue,
              settings.limits(),
              settings.folder(),
              detectionLog,
              new ClipAnalyzer(detector, settings.sampling(), true, clock),
              parent == null ? new WorkerListener() {} : parent,
              clock);
      worker.addTo(monitoring);
      if (parent == null) {
        monitoring.watch(queue, State.FAILED);
        monitoring.watch(settings.folder());
        monitoring.start();
      } else {
        parent.ready(worker, detector.modelName(), monitoring);
      }
      started.set(worker);
      log.info(
          "Worker {} analyses clips in {} with model {}, confidence {}, sampling {}, {} threads;"
              + " jobs from {} at {}:{}",
          worker.consumer(),
          settings.folder().root(),
          detector.modelName(),
          settings.confidence(),
          settings.sampling(),
          settings.threads(),
          settings.queue().queue(),
          settings.queue().host(),
          settings.queue().port());
      worker.run(WorkerMain::exitStuck);
    }
    log.info("Worker stopped");
  }

  /** A long log takes seconds, in which the worker need not wait for it. */
  private static void readWhileModelLoads(DetectionLog detectionLog) {
    Thread reader =
        new Thread(
            () -> {
              try {
                detectionLog.find("");
              } catch (UncheckedIOException e) {
                log.debug("Cannot read the log yet. Retrying with the first job.", e);
              }
            },
            "log-reader");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Ends the process at once: a thread that is stuck in native code cannot be freed otherwise, and
   * an orderly exit would wait for it. Whatever started the service restarts it.
   */
  static void exitStuck() {
    log.error("The analysis of a clip is stuck. Exiting so that the worker is restarted.");
    Runtime.getRuntime().halt(STUCK);
  }

  /**
   * On SIGTERM and Ctrl-C, or when the parent has ended, the clip in progress is finished or goes
   * back to the queue, and native memory is freed. While the model is being loaded, or when that
   * takes too long, the process is halted: an orderly exit would free libtorch's tables while a
   * thread uses them, and crash.
   *
   * @param worker null while the model is being loaded
   */
  private static void stop(Worker worker, Duration patience, CountDownLatch ended) {
    try {
      if (worker != null) {
        // As a daemon: the wait below is the bound.
        Thread closing = new Thread(() -> worker.close(patience), "closing");
        closing.setDaemon(true);
        closing.start();
        ended.await(EXIT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ended.getCount() > 0) {
      Runtime.getRuntime().halt(TERMINATED);
    }
  }
}
