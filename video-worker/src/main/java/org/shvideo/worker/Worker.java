package org.shvideo.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.lifecycle.Backoff;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.video.ClipNameException;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Takes jobs one after another and sees each to its end: the clip's line in the log, then the job
 * settled. The line always comes first, so that a job that is delivered again, because its worker
 * or Redis went away in between, finds its line and needs no second analysis.
 *
 * <p>{@link #run} works in the caller's thread until {@link #close} is called from another, or the
 * thread is interrupted. Redis may be away at the start and come and go: nothing is lost by that.
 */
public final class Worker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private static final Duration TAKE_WAIT = Duration.ofSeconds(1);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  /** Beyond a clip's own time, for Redis to answer or not. */
  private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

  private final JobQueue queue;
  private final QueueSettings settings;
  private final VideoFolder folder;
  private final DetectionLog detectionLog;
  private final ClipDetection detection;
  private final WorkerListener listener;
  private final Clock clock;
  private final RandomGenerator random;
  private final String consumer;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean started;
  private volatile long stopNanos;

  /**
   * A worker that has no job yet.
   *
   * @param queue borrowed
   * @param settings the queue's
   * @param detection borrowed
   */
  public Worker(
      JobQueue queue,
      QueueSettings settings,
      VideoFolder folder,
      DetectionLog detectionLog,
      ClipDetection detection,
      WorkerListener listener,
      Clock clock,
      RandomGenerator random) {
    this.queue = queue;
    this.settings = settings;
    this.folder = folder;
    this.detectionLog = detectionLog;
    this.detection = detection;
    this.listener = listener;
    this.clock = clock;
    this.random = random;
    this.consumer =
        "%s-%d-%06x".formatted(hostName(), ProcessHandle.current().pid(), random.nextInt(1 << 24));
  }

  /** The name under which this worker holds jobs: host, process and something random. */
  public String consumer() {
    return consumer;
  }

  /** Takes and analyses jobs until {@link #close}; once. */
  public void run() {
    started = true;
    Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
    boolean away = false;
    try {
      while (!isStopping()) {
        try {
          Optional<Delivery> delivery = queue.take(consumer, TAKE_WAIT);
          if (away) {
            log.info("Redis answers again");
            away = false;
            backoff.reset();
          }
          delivery.ifPresent(this::handle);
        } catch (QueueUnavailableException e) {
          if (!away) {
            log.warn("{}. Trying again until it works.", e.getMessage());
            away = true;
          }
          pause(backoff.next());
        }
      }
      leave();
    } finally {
      stopped.countDown();
    }
  }

  private void handle(Delivery delivery) {
    Job job = delivery.job();
    MDC.put("job", job.id());
    try {
      listener.started(delivery);
      log.info("Job {} started: {}, attempt {}", job.id(), job.filename(), delivery.attempt());
      Optional<DetectionLine> earlier = detectionLog.find(job.id());
      if (earlier.isPresent()) {
        log.info("Job {} has its line from an earlier attempt", job.id());
        settle(delivery, earlier.get());
      } else if (delivery.attempt() > settings.maxAttempts()) {
        fail(delivery, "the worker died or the clip is too much for it");
      } else {
        attempt(delivery);
      }
    } catch (UncheckedIOException e) {
      // Without its line a job is not settled: it comes back when its lease has run out.
      log.error("Job {} cannot be ended: {}", job.id(), e.getMessage());
    } finally {
      MDC.remove("job");
    }
  }

  private void attempt(Delivery delivery) {
    Job job = delivery.job();
    DetectionLine line;
    try (Heartbeat heartbeat = Heartbeat.start(queue, delivery, settings.lease())) {
      Path clip = folder.clip(job.filename());
      line =
          detection.analyse(
              clip,
              (frames, total) -> {
                heartbeat.progress(frames, total);
                if (isStopping() && !hasPatience()) {
                  throw new StoppedException();
                }
              });
      line = detectionLog.append(forJob(line, job));
    } catch (ClipNameException | ClipUnreadableException e) {
      refuse(delivery, e.getMessage());
      return;
    } catch (Heartbeat.LeaseLostException e) {
      log.warn("Job {} dropped: its lease was lost and another worker has it", job.id());
      return;
    } catch (StoppedException e) {
      log.info("Job {} given back, because this worker stops", job.id());
      queue.retry(delivery, "its worker was stopped", Duration.ZERO);
      return;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      retry(delivery, e);
      return;
    }
    settle(delivery, line);
  }

  /** What may work another time is tried again later; in the end it fails. */
  private void retry(Delivery delivery, Throwable failure) {
    String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    log.debug("Job {} failed", delivery.job().id(), failure);
    if (delivery.attempt() >= settings.maxAttempts()) {
      fail(delivery, reason);
      return;
    }
    Backoff backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY, random);
    Duration delay = backoff.next();
    for (int attempt = 1; attempt < delivery.attempt(); attempt++) {
      delay = backoff.next();
    }
    log.warn(
        "Job {} failed for now, to be tried again in {} s: {}",
        delivery.job().id(),
        delay.toSeconds(),
        reason);
    queue.retry(delivery, reason, delay);
  }

  private void fail(Delivery delivery, String reason) {
    refuse(delivery, "gave up after %d attempts: %s".formatted(settings.maxAttempts(), reason));
  }

  /** Another attempt would not help: the job fails now, in the open. */
  private void refuse(Delivery delivery, String error) {
    settle(delivery, detectionLog.append(failedLine(delivery.job(), error)));
  }

  /** Ends the job as its line says. */
  private void settle(Delivery delivery, DetectionLine line) {
    String result = DetectionLog.toJson(line);
    boolean held =
        line.ok() ? queue.finish(delivery, result) : queue.fail(delivery, line.error(), result);
    String job = delivery.job().id();
    if (!held) {
      log.warn("Job {} was taken over by another worker meanwhile; its line stands", job);
    } else if (line.ok()) {
      log.info(
          "Job {} finished in {} s: {} ({} of {} frames)",
          job,
          line.elapsedSeconds(),
          line.detected().isEmpty() ? "nothing" : String.join(", ", line.detected()),
          line.analysed(),
          line.frames());
    } else {
      log.warn("Job {} failed: {}", job, line.error());
    }
    listener.ended(line);
  }

  private static DetectionLine forJob(DetectionLine line, Job job) {
    return new DetectionLine(
        line.ok(),
        job.filename(),
        line.detected(),
        line.count(),
        line.timestamp(),
        line.error(),
        job.id(),
        job.camera(),
        job.recordedAt(),
        line.durationSeconds(),
        line.frames(),
        line.analysed(),
        line.elapsedSeconds(),
        line.model(),
        line.confidence(),
        line.sampling(),
        line.objects(),
        line.snapshot());
  }

  private DetectionLine failedLine(Job job, String error) {
    return new DetectionLine(
        false,
        job.filename(),
        List.of(),
        0,
        LocalDateTime.now(clock).truncatedTo(ChronoUnit.MICROS),
        error,
        job.id(),
        job.camera(),
        job.recordedAt(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private boolean isStopping() {
    return stopping.getCount() == 0 || Thread.currentThread().isInterrupted();
  }

  private boolean hasPatience() {
    return !Thread.currentThread().isInterrupted() && System.nanoTime() - stopNanos < 0;
  }

  private void pause(Duration duration) {
    try {
      stopping.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void leave() {
    try {
      queue.leave(consumer);
    } catch (QueueUnavailableException e) {
      log.debug("{} could not leave: {}", consumer, e.getMessage());
    }
  }

  /**
   * Stops at once where no clip is in work, and otherwise lets it go on for a while; a clip that
   * takes longer is given back to the queue. Returns when {@link #run} has, within the patience and
   * some seconds.
   *
   * @param patience how long the clip in work may go on
   */
  public void close(Duration patience) {
    stopNanos = System.nanoTime() + patience.toNanos();
    stopping.countDown();
    if (!started) {
      return;
    }
    try {
      long most = patience.plus(STOP_WITHIN).toMillis();
      if (!stopped.await(most, TimeUnit.MILLISECONDS)) {
        log.warn("The worker did not stop in time; its job comes back when its lease runs out");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As {@link #close(Duration)}, without patience. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "host";
    }
  }

  /** This worker stops and the clip in work would take too long. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
