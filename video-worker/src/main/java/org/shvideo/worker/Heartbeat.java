package org.shvideo.worker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews a delivery's lease on a thread of its own as long as the analysis makes progress, that is,
 * while {@link #progress} or {@link #alive} are called: an analysis that is stuck, in a decoder or
 * in a file system that does not answer, must not hold a job for ever. A stuck one is reported
 * once; if it continues after all, it learns that its lease is lost.
 */
final class Heartbeat implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);
  private static final int BEATS_PER_LEASE = 3;

  /** Whoever follows the job sees its progress no later than this. */
  private static final Duration MAX_INTERVAL = Duration.ofSeconds(1);

  private final JobQueue queue;
  private final Delivery delivery;
  private final Duration interval;
  private final Duration stallTimeout;
  private final Runnable onStuck;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile double share;
  private volatile long progressNanos = System.nanoTime();
  private volatile boolean lost;

  /** Starts the heartbeat, whose thread calls {@code onStuck} after so long without progress. */
  Heartbeat(JobQueue queue, Delivery delivery, Duration stallTimeout, Runnable onStuck) {
    this.queue = queue;
    this.delivery = delivery;
    this.stallTimeout = stallTimeout;
    this.onStuck = onStuck;
    Duration third = queue.settings().lease().dividedBy(BEATS_PER_LEASE);
    this.interval = third.compareTo(MAX_INTERVAL) < 0 ? third : MAX_INTERVAL;
    Thread thread = new Thread(this::run, "heartbeat");
    thread.setDaemon(true);
    thread.start();
  }

  /** As {@link #alive}, and reports the progress; the total is 0 when unknown. */
  void progress(int frames, int total) {
    share = total > 0 ? Math.min(1, (double) frames / total) : 0;
    alive();
  }

  /**
   * Reports that the worker is alive though it makes no progress, for a reason it knows.
   *
   * @throws LeaseLostException when another worker has the job by now
   */
  void alive() {
    progressNanos = System.nanoTime();
    if (lost) {
      throw new LeaseLostException();
    }
  }

  private void run() {
    try {
      while (!ended.await(interval.toMillis(), TimeUnit.MILLISECONDS) && beat()) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether to continue. */
  private boolean beat() {
    if (System.nanoTime() - progressNanos > stallTimeout.toNanos()) {
      log.error(
          "Job {} ({}) made no progress for {} s. Its lease is no longer renewed.",
          delivery.job().id(),
          delivery.job().filename(),
          stallTimeout.toSeconds());
      lost = true;
      onStuck.run();
      return false;
    }
    try {
      lost = !queue.renew(delivery, share);
    } catch (QueueUnavailableException e) {
      // The analysis continues: once its line is written, nobody has to repeat it.
      log.debug("The lease could not be renewed: {}", e.getMessage());
    }
    return !lost;
  }

  @Override
  public void close() {
    ended.countDown();
  }

  /** Another worker has the job: this worker's result is no longer wanted. */
  static final class LeaseLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
