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
 * Renews a delivery's lease on a thread of its own while the work gets on. It beats only as long as
 * {@link #progress} or {@link #stillAtIt} are called: work that hangs, in a decoder or in a file
 * system that does not answer, must not hold a job for ever. Of such work it tells, once; should it
 * get on after all, it learns that its lease is lost.
 */
final class Heartbeat implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);
  private static final int BEATS_A_LEASE = 3;

  /** Whoever watches the job sees how far it is no later than this. */
  private static final Duration LONGEST_PERIOD = Duration.ofSeconds(1);

  private final JobQueue queue;
  private final Delivery delivery;
  private final Duration period;
  private final Duration hungAfter;
  private final Runnable hung;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile double share;
  private volatile long progressNanos = System.nanoTime();
  private volatile boolean lost;

  private Heartbeat(
      JobQueue queue, Delivery delivery, Duration period, Duration hungAfter, Runnable hung) {
    this.queue = queue;
    this.delivery = delivery;
    this.period = period;
    this.hungAfter = hungAfter;
    this.hung = hung;
  }

  /**
   * Begins to beat.
   *
   * @param hungAfter without a sign of life
   * @param hung called on the heartbeat's thread
   */
  static Heartbeat start(
      JobQueue queue, Delivery delivery, Duration lease, Duration hungAfter, Runnable hung) {
    Duration third = lease.dividedBy(BEATS_A_LEASE);
    Duration period = third.compareTo(LONGEST_PERIOD) < 0 ? third : LONGEST_PERIOD;
    Heartbeat heartbeat = new Heartbeat(queue, delivery, period, hungAfter, hung);
    Thread thread = new Thread(heartbeat::run, "heartbeat");
    thread.setDaemon(true);
    thread.start();
    return heartbeat;
  }

  /**
   * Tells that the work gets on, and how far it is.
   *
   * @param total 0 when unknown
   * @throws LeaseLostException when another worker has the job by now
   */
  void progress(int frames, int total) {
    share = total > 0 ? Math.min(1, (double) frames / total) : 0;
    stillAtIt();
  }

  /**
   * Tells that the worker lives though the work does not get on, for a reason it knows.
   *
   * @throws LeaseLostException when another worker has the job by now
   */
  void stillAtIt() {
    progressNanos = System.nanoTime();
    if (lost) {
      throw new LeaseLostException();
    }
  }

  private void run() {
    try {
      while (!ended.await(period.toMillis(), TimeUnit.MILLISECONDS) && beat()) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether to go on. */
  private boolean beat() {
    if (System.nanoTime() - progressNanos > hungAfter.toNanos()) {
      log.error(
          "Job {}, {}, has not got on for {} s: its lease is left to run out",
          delivery.job().id(),
          delivery.job().filename(),
          hungAfter.toSeconds());
      lost = true;
      hung.run();
      return false;
    }
    try {
      lost = !queue.renew(delivery, share);
    } catch (QueueUnavailableException e) {
      // The analysis goes on: once its line is written, nobody need do it again.
      log.debug("The lease could not be renewed: {}", e.getMessage());
    }
    return !lost;
  }

  @Override
  public void close() {
    ended.countDown();
  }

  /** Another worker has the job: this one's work is of no use any more. */
  static final class LeaseLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
