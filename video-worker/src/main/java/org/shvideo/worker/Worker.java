package org.shvideo.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.lifecycle.Backoff;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.video.ClipNameException;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.analysis.ClipAnalyzer;
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
  private final WorkLimits limits;
  private final VideoFolder folder;
  private final DetectionLog detectionLog;
  private final ClipAnalyzer detection;
  private final WorkerListener listener;
  private final Clock clock;
  private final RandomGenerator random;
  private final String consumer;
  private final WorkerStatus status;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean started;
  private volatile boolean hangs;
  private volatile Runnable whenHung;
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
      WorkLimits limits,
      VideoFolder folder,
      DetectionLog detectionLog,
      ClipAnalyzer detection,
      WorkerListener listener,
      Clock clock,
      RandomGenerator random) {
    this(
        queue,
        settings,
        limits,
        folder,
        detectionLog,
        detection,
        listener,
        clock,
        random,
        new WorkerStatus(System::nanoTime));
  }

  private Worker(
      JobQueue queue,
      QueueSettings settings,
      WorkLimits limits,
      VideoFolder folder,
      DetectionLog detectionLog,
      ClipAnalyzer detection,
      WorkerListener listener,
      Clock clock,
      RandomGenerator random,
      WorkerStatus status) {
    this.queue = queue;
    this.settings = settings;
    this.limits = limits;
    this.status = status;
    this.folder = folder;
    this.detectionLog = detectionLog;
    this.detection = detection;
    this.listener = listener;
    this.clock = clock;
    this.random = random;
    this.consumer =
        "%s-%d-%06x".formatted(hostName(), ProcessHandle.current().pid(), random.nextInt(1 << 24));
  }

  /**
   * A worker to take the place of this one, which hangs; what is monitored of this one is of that
   * one from now on.
   */
  public Worker successor() {
    status.replaced();
    return new Worker(
        queue, settings, limits, folder, detectionLog, detection, listener, clock, random, status);
  }

  /** The name under which this worker holds jobs: host, process and something random. */
  public String consumer() {
    return consumer;
  }

  /** Adds itself, its detection and the model to what is monitored. */
  public void addTo(Monitoring monitoring) {
    status.addTo(monitoring);
    detection.addTo(monitoring);
  }

  /** Takes and analyses jobs until {@link #close}; once. Where a clip hangs, it waits for ever. */
  public void run() {
    run(() -> {});
  }

  /**
   * Takes and analyses jobs until {@link #close}; once.
   *
   * @param hung called on another thread when a clip holds this worker for longer than it may: its
   *     thread is stuck. The job's lease runs out, and the attempt counts. Should the thread come
   *     free after all, it drops the job and {@code run} returns.
   */
  public void run(Runnable hung) {
    whenHung = hung;
    started = true;
    Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
    String trouble = "";
    readLog();
    try {
      while (!isStopping()) {
        status.alive();
        try {
          Optional<Delivery> delivery = queue.take(consumer, TAKE_WAIT);
          delivery.ifPresent(this::handle);
          if (!trouble.isEmpty()) {
            log.info("Redis answers again");
            trouble = "";
            backoff.reset();
          }
        } catch (QueueUnavailableException e) {
          if (!trouble.equals(e.getMessage())) {
            trouble = e.getMessage();
            log.warn("{}. Trying again until it works.", trouble);
          }
          pause(backoff.next());
        }
      }
      leave();
    } finally {
      if (!hangs) {
        status.ended();
      }
      stopped.countDown();
    }
  }

  /** A long log takes a while to read, which must not look as if the first clip did not get on. */
  private void readLog() {
    try {
      detectionLog.find(consumer);
    } catch (UncheckedIOException e) {
      log.debug("The log is tried again with the first job", e);
    }
  }

  private void handle(Delivery delivery) {
    Job job = delivery.job();
    MDC.put("job", job.id());
    status.begins(job.filename());
    try {
      listener.started(delivery);
      log.info("Job {} started: {}, attempt {}", job.id(), job.filename(), delivery.attempt());
      writeLine(delivery).ifPresent(line -> settle(delivery, line));
    } finally {
      if (!hangs) {
        status.idle();
      }
      MDC.remove("job");
    }
  }

  /**
   * Sees to it that the job's line stands in the log.
   *
   * @return the line; empty when the job is not to be settled now
   */
  private Optional<DetectionLine> writeLine(Delivery delivery) {
    Job job = delivery.job();
    try (Heartbeat heartbeat =
        Heartbeat.start(queue, delivery, settings.lease(), limits.hung(), () -> hangs(delivery))) {
      Optional<DetectionLine> earlier = patiently(heartbeat, () -> detectionLog.find(job.id()));
      if (earlier.isPresent()) {
        log.info("Job {} has its line from an earlier attempt", job.id());
        return earlier;
      }
      return makeLine(delivery, heartbeat).map(line -> patiently(heartbeat, () -> append(line)));
    } catch (Heartbeat.LeaseLostException e) {
      log.warn("Job {} dropped: its lease was lost and another worker has it", job.id());
    } catch (StoppedException e) {
      log.info("Job {} given back, because this worker stops", job.id());
      queue.release(delivery);
    }
    return Optional.empty();
  }

  private void hangs(Delivery delivery) {
    hangs = true;
    stopNanos = System.nanoTime();
    stopping.countDown();
    status.hangs(delivery.job().filename());
    whenHung.run();
  }

  private DetectionLine append(DetectionLine line) {
    long start = System.nanoTime();
    DetectionLine written = detectionLog.append(line);
    status.logged(System.nanoTime() - start);
    return written;
  }

  private Optional<DetectionLine> makeLine(Delivery delivery, Heartbeat heartbeat) {
    Job job = delivery.job();
    if (delivery.attempt() > settings.maxAttempts()) {
      return Optional.of(gaveUp(job, "the worker died or the clip is too much for it"));
    }
    long deadline = System.nanoTime() + limits.clip().toNanos();
    try {
      DetectionLine line =
          detection.analyse(
              folder.clip(job.filename()),
              (frames, total) -> {
                heartbeat.progress(frames, total);
                status.alive();
                stopWhenImpatient();
                if (System.nanoTime() - deadline > 0) {
                  throw new TooLongException();
                }
              });
      return Optional.of(forJob(line, job));
    } catch (ClipNameException | ClipUnreadableException e) {
      // Another attempt would not help: the job fails now, in the open.
      return Optional.of(failed(job, e.getMessage()));
    } catch (TooLongException e) {
      // It would take as long another time.
      return Optional.of(
          failed(
              job,
              "its analysis took longer than CLIP_TIMEOUT allows, %d s"
                  .formatted(limits.clip().toSeconds())));
    } catch (Heartbeat.LeaseLostException | StoppedException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      log.debug("Job {} failed", job.id(), e);
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      if (delivery.attempt() == settings.maxAttempts()) {
        return Optional.of(gaveUp(job, reason));
      }
      retry(delivery, reason);
      status.retried();
      return Optional.empty();
    }
  }

  /** What may work another time is tried again later. */
  private void retry(Delivery delivery, String reason) {
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

  /**
   * Asks the log until it answers. That the disk is full is no fault of the job: it keeps its lease
   * and its attempt, and no other job is begun whose line could not be written either.
   */
  private <T> T patiently(Heartbeat heartbeat, Supplier<T> question) {
    Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
    boolean told = false;
    while (true) {
      try {
        T answer = question.get();
        status.goesOn();
        return answer;
      } catch (UncheckedIOException e) {
        status.stuck(e.getMessage());
        if (!told) {
          log.error("{}. Trying again until it works.", e.getMessage());
          told = true;
        }
        pause(backoff.next());
        status.alive();
        heartbeat.stillAtIt();
        stopWhenImpatient();
      }
    }
  }

  private void stopWhenImpatient() {
    if (isStopping()
        && (Thread.currentThread().isInterrupted() || System.nanoTime() - stopNanos >= 0)) {
      throw new StoppedException();
    }
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
    if (held) {
      status.settled(line);
    }
    listener.ended(line);
  }

  /** The line with what the job knows; names are relative to the video folder, as the job's is. */
  private static DetectionLine forJob(DetectionLine line, Job job) {
    return line.toBuilder()
        .job(job)
        .snapshot(
            line.snapshot() == null
                ? null
                : Path.of(job.filename()).resolveSibling(line.snapshot()).toString())
        .build();
  }

  private DetectionLine gaveUp(Job job, String reason) {
    return failed(job, "gave up after %d attempts: %s".formatted(settings.maxAttempts(), reason));
  }

  private DetectionLine failed(Job job, String error) {
    return DetectionLine.failed(job, LocalDateTime.now(clock), error);
  }

  private boolean isStopping() {
    return stopping.getCount() == 0 || Thread.currentThread().isInterrupted();
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
    if (!started || hangs) {
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

  private static final class TooLongException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** This worker stops and the clip in work would take too long. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
