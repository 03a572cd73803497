package org.shvideo.worker;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.shvideo.tasks.lifecycle.Backoff;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs from the queue one after another and has each handled by a {@link JobHandler}.
 *
 * <p>{@link #run} works in the caller's thread until {@link #close} is called from another, or the
 * thread is interrupted. Redis may be unavailable at the start or at any time later: the worker
 * reconnects, and nothing is lost.
 */
public final class Worker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /** How long one request for a job waits for one. */
  private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(1);

  private static final Duration MIN_RETRY_DELAY = Duration.ofSeconds(1);
  private static final Duration MAX_RETRY_DELAY = Duration.ofSeconds(10);

  /** On top of the patience given to {@link #close(Duration)}, for Redis to answer or not. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final JobHandler handler;
  private final JobQueue queue;
  private final WorkerStatus status;
  private final String consumer =
      "%s-%d-%06x"
          .formatted(
              hostName(),
              ProcessHandle.current().pid(),
              ThreadLocalRandom.current().nextInt(1 << 24));
  private final StopSignal stop = new StopSignal();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean started;

  /** Borrows the queue and the analyzer. */
  public Worker(
      JobQueue queue,
      WorkLimits limits,
      VideoFolder folder,
      DetectionLog detectionLog,
      ClipAnalyzer analyzer,
      WorkerListener listener,
      Clock clock) {
    this.queue = queue;
    status = new WorkerStatus(System::nanoTime);
    handler =
        new JobHandler(queue, limits, folder, detectionLog, analyzer, listener, status, clock);
  }

  /** The name under which this worker holds jobs: host, process id and a random number. */
  public String consumer() {
    return consumer;
  }

  /** Adds the health and the metrics of this worker, its analyzer and its model. */
  public void addTo(Monitoring monitoring) {
    status.addTo(monitoring);
    handler.analyzer().addTo(monitoring);
  }

  /** The health of this worker. */
  CheckResult check() {
    return status.check();
  }

  /** Takes and handles jobs until {@link #close}; once. If a clip gets stuck, it never returns. */
  public void run() {
    run(() -> {});
  }

  /**
   * Takes and handles jobs until {@link #close}; once.
   *
   * @param onStuck called on another thread when the analysis of a clip is stuck, see {@link
   *     WorkLimits#stallTimeout}. The job's lease then expires, and the attempt counts. If the
   *     thread gets free after all, it drops the job and {@code run} returns.
   */
  public void run(Runnable onStuck) {
    started = true;
    Backoff backoff = new Backoff(MIN_RETRY_DELAY, MAX_RETRY_DELAY);
    String problem = "";
    readLog();
    try {
      while (!stop.isRequested()) {
        status.alive();
        try {
          Optional<Delivery> delivery = queue.take(consumer, TAKE_TIMEOUT);
          delivery.ifPresent(taken -> handler.handle(taken, stop, onStuck));
          if (!problem.isEmpty()) {
            log.info("Reconnected to Redis.");
            problem = "";
            backoff.reset();
          }
        } catch (QueueUnavailableException e) {
          if (!problem.equals(e.getMessage())) {
            problem = e.getMessage();
            log.warn("{}. Retrying until it works.", problem);
          }
          stop.await(backoff.next());
        }
      }
      leave();
    } finally {
      if (!stop.isStuck()) {
        status.ended();
      }
      stopped.countDown();
    }
  }

  /** A long log takes a while to read, which must not count as time without progress on a clip. */
  private void readLog() {
    try {
      handler.detectionLog().find(consumer);
    } catch (UncheckedIOException e) {
      log.debug("Cannot read the log yet. Retrying with the first job.", e);
    }
  }

  private void leave() {
    try {
      queue.leave(consumer);
    } catch (QueueUnavailableException e) {
      log.debug("Consumer {} could not be removed: {}", consumer, e.getMessage());
    }
  }

  /**
   * Stops at once when no job is in progress. Otherwise the job may continue for a while; a clip
   * that takes longer goes back to the queue. Returns when {@link #run} has, at the latest ten
   * seconds after the patience is over.
   *
   * @param patience how long the job in progress may continue
   */
  public void close(Duration patience) {
    boolean stuck = stop.isStuck();
    stop.request(patience);
    if (!started || stuck) {
      return;
    }
    try {
      long timeout = patience.plus(CLOSE_TIMEOUT).toMillis();
      if (!stopped.await(timeout, TimeUnit.MILLISECONDS)) {
        log.warn("The worker did not stop in time. Its job is retried when its lease expires.");
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
}
