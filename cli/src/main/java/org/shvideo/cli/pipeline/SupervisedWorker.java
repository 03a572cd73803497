package org.shvideo.cli.pipeline;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.lifecycle.Backoff;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerMain;
import org.shvideo.worker.WorkerMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker in a process of its own, so that a clip that crashes it ends no recording. When the
 * process ends, another is started, which takes the job that it held as the next attempt. It never
 * outlives this process, even if that is killed. Its log lines go where this process' go.
 * Thread-safe.
 */
public final class SupervisedWorker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SupervisedWorker.class);

  private static final Duration MIN_RESTART_DELAY = Duration.ofSeconds(1);
  private static final Duration MAX_RESTART_DELAY = Duration.ofSeconds(30);

  /** A process that ran for so long did not end because of what ended the one before. */
  private static final Duration STABLE_TIME = Duration.ofMinutes(1);

  /** The worker tells its state every second. */
  private static final Duration MAX_SILENCE = Duration.ofSeconds(15);

  /** The worker itself takes 9.5 s at most. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(11);

  /** For what is left to do once the process has ended. */
  private static final Duration END_TIMEOUT = Duration.ofSeconds(3);

  /**
   * The terminal's Ctrl-C, and a service manager's SIGTERM, go to all processes; the worker is
   * stopped by this one alone. Where memory runs out, the system is to end the worker rather than
   * the recordings.
   */
  private static final String START =
      "trap '' HUP INT TERM; { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null; exec \"$@\"";

  private final JobQueue queue;
  private final ProcessBuilder builder;
  private final EventPrinter events;
  private final Thread supervisor = new Thread(this::supervise, "worker");
  private final CompletableFuture<String> model = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private Process process;
  private volatile String consumer;

  /** What the process could not do; null unless it ended with that. */
  private volatile String failure;

  /** Why no worker is ready; null while one is, and before the first. */
  private volatile String ended;

  private volatile WorkerMessage status;
  private volatile long statusNanos = System.nanoTime();

  private SupervisedWorker(JobQueue queue, ProcessBuilder builder, EventPrinter events) {
    this.queue = queue;
    this.builder = builder;
    this.events = events;
  }

  /**
   * Starts the process, which takes jobs once it has loaded the model.
   *
   * @param settings with the address of Redis
   * @param modelFile a TorchScript file
   */
  public static SupervisedWorker start(
      Settings settings, VideoFolder folder, Path modelFile, EventPrinter events) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", START, "sh"));
    command.addAll(
        JavaCommand.of(
            WorkerMain.class,
            "-Xmx256m",
            "-XX:MaxDirectMemorySize=1g",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:ErrorFile=" + crashReport(folder)));
    command.add(WorkerMain.SUPERVISED);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    Map<String, String> environment = builder.environment();
    environment.putAll(settings.environment());
    environment.keySet().removeIf(CameraArguments::isSecret);
    environment.put("YOLO_MODEL", modelFile.toAbsolutePath().toString());
    environment.put("METRICS_PORT", "0");
    SupervisedWorker worker =
        new SupervisedWorker(new JobQueue(QueueSettings.from(settings)), builder, events);
    worker.supervisor.setDaemon(true);
    worker.supervisor.start();
    return worker;
  }

  /** Where Java describes its last crash. */
  private static Path crashReport(VideoFolder folder) {
    return folder.root().toAbsolutePath().resolve(".worker-crash.log");
  }

  JobQueue queue() {
    return queue;
  }

  /**
   * Waits until the worker has loaded the model.
   *
   * @return the model's name and the first digits of its checksum
   * @throws UserException when the worker cannot work
   */
  public String model() {
    try {
      return model.join();
    } catch (CompletionException e) {
      throw new UserException(e.getCause().getMessage(), e);
    }
  }

  /** Adds the worker's health and metrics. */
  void addTo(Monitoring monitoring) {
    monitoring.health().add("worker", this::check);
    monitoring.health().add("model", () -> CheckResult.ok(model() + " is loaded"));
    monitoring
        .metrics()
        .include(
            () -> {
              WorkerMessage last = status;
              return last == null ? "" : last.metrics();
            });
  }

  private CheckResult check() {
    String reason = ended;
    WorkerMessage last = status;
    if (reason != null) {
      return CheckResult.failed(reason);
    }
    Duration silence = Duration.ofNanos(System.nanoTime() - statusNanos);
    if (silence.compareTo(MAX_SILENCE) > 0) {
      return CheckResult.failed(
          "its process has not responded for %d s: restart the service"
              .formatted(silence.toSeconds()));
    }
    return last == null ? CheckResult.degraded("loads its model") : last.health();
  }

  private void supervise() {
    Backoff backoff = new Backoff(MIN_RESTART_DELAY, MAX_RESTART_DELAY);
    while (closed.getCount() > 0) {
      long start = System.nanoTime();
      String end = runOnce();
      if (closed.getCount() == 0) {
        return;
      }
      if (!model.isDone()) {
        model.completeExceptionally(
            new IllegalStateException(
                "The worker's process %s before it had loaded its model.".formatted(end)));
      }
      if (model.isCompletedExceptionally()) {
        return;
      }
      if (System.nanoTime() - start > STABLE_TIME.toNanos()) {
        backoff.reset();
      }
      Duration delay = backoff.next();
      ended = "its process %s; another is started".formatted(end);
      events.print(
          "worker", "%s. Starting another in %.1f s.".formatted(end, delay.toMillis() / 1000.0));
      try {
        closed.await(delay.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Returns how the process ended. */
  private String runOnce() {
    status = null;
    consumer = null;
    failure = null;
    statusNanos = System.nanoTime();
    try {
      Process started = startProcess();
      if (started == null) {
        return "was not started";
      }
      try (BufferedReader messages =
          new BufferedReader(
              new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = messages.readLine(); line != null; line = messages.readLine()) {
          accept(line);
        }
      }
      int exit = started.waitFor();
      events.readLog();
      if (exit != 0) {
        abandonJob();
      }
      return failure == null ? describe(exit) : "cannot work: " + failure;
    } catch (IOException e) {
      return "cannot be started: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "was left";
    }
  }

  /** Null after the close. */
  private synchronized Process startProcess() throws IOException {
    if (closed.getCount() > 0) {
      process = builder.start();
      return process;
    }
    return null;
  }

  private void accept(String line) {
    WorkerMessage message;
    try {
      message = Json.read(line, WorkerMessage.class);
    } catch (IOException e) {
      log.debug("The worker printed: {}", line); // some library did
      return;
    }
    if (message.failure() != null) {
      failure = message.failure();
      model.completeExceptionally(new IllegalStateException(message.failure()));
    }
    if (message.consumer() != null) {
      consumer = message.consumer();
      ended = null;
      model.complete(message.model());
    }
    if (message.job() != null) {
      events.started(message.job(), message.attempt());
    }
    if (message.health() != null) {
      status = message;
      statusNanos = System.nanoTime();
    }
    events.readLog();
  }

  /** The job of a process that has died need not wait until its lease expires. */
  private void abandonJob() {
    String name = consumer;
    if (name != null) {
      try {
        queue.abandon(name);
      } catch (QueueUnavailableException e) {
        log.debug("The job of {} waits until its lease expires: {}", name, e.getMessage());
      }
    }
  }

  private static String describe(int exit) {
    return switch (exit) {
      case WorkerMain.STUCK -> "hung";
      case 3 -> "ran out of memory";
      case 128 + 6 -> "crashed (the report is .worker-crash.log in the video folder)";
      case 128 + 9 -> "was killed";
      default -> "ended with status " + exit;
    };
  }

  /** Has the worker return a clip in progress to the queue. Takes 14 s at most. */
  @Override
  public void close() {
    Process last;
    synchronized (this) {
      closed.countDown();
      last = process;
    }
    try {
      if (last != null) {
        endInput(last);
        if (!last.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
          last.destroyForcibly();
        }
      }
      supervisor.join(END_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    queue.close();
  }

  private static void endInput(Process process) {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      log.debug("The worker has ended already", e);
    }
  }
}
