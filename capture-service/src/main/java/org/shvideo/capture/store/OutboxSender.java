package org.shvideo.capture.store;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.lifecycle.Backoff;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Sends the outbox' jobs to the queue, oldest first, in a thread of its own. Redis away: it tries
 * again for ever, and the jobs wait on disk.
 *
 * <p>A job is sent a second time {@link #CONFIRMED_AFTER} after the first, and its entry goes only
 * when Redis still knows it then. Redis usually forces its data to disk once a second, and so may
 * forget what it had accepted when its machine loses power; a job that it forgot is added anew. One
 * that it knows is added once, however often it is sent.
 */
public final class OutboxSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxSender.class);

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
  private static final Duration CLOSING = Duration.ofSeconds(2);

  /**
   * Redis' {@code appendfsync everysec} loses two seconds at worst, as its documentation says; the
   * rest is for disks that hang.
   */
  private static final Duration CONFIRMED_AFTER = Duration.ofSeconds(10);

  private final ClipStore store;
  private final Outbox outbox;
  private final JobQueue queue;
  private final Backoff backoff;
  private final ClipListener listener;
  private final Duration confirmedAfter;

  /** When Redis took the job of a recording, in {@link System#nanoTime}; changed by the thread. */
  private final Map<String, Long> sent = new ConcurrentHashMap<>();

  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "outbox-sender");

  /** Why jobs cannot be sent now; told once. Null when they can, as far as is known. */
  private volatile String trouble;

  /**
   * @param store not closed by this
   * @param queue not closed by this
   */
  public OutboxSender(
      ClipStore store, JobQueue queue, RandomGenerator random, ClipListener listener) {
    this(store, queue, random, listener, CONFIRMED_AFTER);
  }

  OutboxSender(
      ClipStore store,
      JobQueue queue,
      RandomGenerator random,
      ClipListener listener,
      Duration confirmedAfter) {
    this.store = store;
    this.outbox = store.outbox();
    this.queue = queue;
    this.backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
    this.listener = listener;
    this.confirmedAfter = confirmedAfter;
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** How many jobs are not sent yet; NaN when the outbox cannot be read. */
  public double waiting() {
    try {
      return outbox.recordings().stream().filter(name -> !sent.containsKey(name)).count();
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /** Whether jobs get out. Redis being away is no fault of this service: they wait. */
  public CheckResult check() {
    double waiting = waiting();
    if (Double.isNaN(waiting)) {
      return CheckResult.failed("the outbox in the video folder cannot be read: is it mounted?");
    }
    if (!thread.isAlive() && stop.getCount() > 0) {
      return CheckResult.failed("jobs are not sent any more: restart the service");
    }
    String reason = trouble;
    return reason == null
        ? CheckResult.ok("%.0f jobs waiting to be sent".formatted(waiting))
        : CheckResult.degraded("%.0f jobs waiting for Redis: %s".formatted(waiting, reason));
  }

  private void run() {
    try {
      while (stop.getCount() > 0) {
        if (send()) {
          backoff.reset();
          outbox.await(untilNext());
        } else {
          stop.await(backoff.next().toNanos(), TimeUnit.NANOSECONDS);
        }
      }
      send();
    } catch (InterruptedException e) {
      // the time for the last attempt is over
    }
  }

  /** How long there is nothing to do unless there is news. */
  private Duration untilNext() {
    Duration wait = LOOK_AGAIN;
    for (String recording : sent.keySet()) {
      Duration left = untilConfirmed(recording);
      wait = left.compareTo(wait) < 0 ? left : wait;
    }
    return wait;
  }

  /** Zero when it is due, or was not sent yet. */
  private Duration untilConfirmed(String recording) {
    Long since = sent.get(recording);
    if (since == null) {
      return Duration.ZERO;
    }
    Duration left = confirmedAfter.minusNanos(System.nanoTime() - since);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Sends what is there; false when something is left that should be tried again. */
  private boolean send() {
    boolean all = true;
    try {
      for (String recording : outbox.recordings()) {
        // What is still a recording is just being published.
        if (!store.isRecording(recording) && untilConfirmed(recording).isZero()) {
          all &= send(recording);
        }
      }
      outbox.sync();
      return all;
    } catch (QueueUnavailableException e) {
      if (!e.getMessage().equals(trouble)) {
        trouble = e.getMessage();
        LOG.warn("{}; jobs wait in the outbox and are sent when it is back", trouble);
      }
    } catch (IOException e) {
      LOG.error("The outbox cannot be read: {}", ClipStore.reason(e));
    } catch (RuntimeException e) {
      LOG.error("A job could not be sent; trying again", e);
    }
    return false;
  }

  /** Sends one job; false when its entry stands in the way but not in that of others. */
  private boolean send(String recording) {
    try {
      Optional<Job> job = outbox.get(recording);
      if (job.isPresent()) {
        send(recording, job.get());
      } else {
        outbox.setAside(recording);
      }
      return true;
    } catch (IOException e) {
      LOG.error("The outbox entry of {} cannot be handled: {}", recording, ClipStore.reason(e));
      return false;
    }
  }

  private void send(String recording, Job job) throws IOException {
    MDC.put("job", job.id());
    try {
      boolean added = queue.enqueue(job);
      if (trouble != null) {
        trouble = null;
        LOG.info("Redis is back");
      }
      boolean again = sent.containsKey(recording);
      if (again && !added) {
        outbox.remove(recording);
        sent.remove(recording);
        return;
      }
      sent.put(recording, System.nanoTime());
      if (again) {
        LOG.warn("Redis had lost job {} and has it again, for file {}", job.id(), job.filename());
      } else {
        LOG.info("Job {} queued for file {}", job.id(), job.filename());
        listener.queued(job);
      }
    } finally {
      MDC.remove("job");
    }
  }

  /**
   * Tries once more to send what is left, and stops within 2 s. Entries that were sent and not yet
   * confirmed stay for the next start.
   */
  @Override
  public void close() {
    stop.countDown();
    outbox.announce();
    try {
      thread.join(CLOSING.toMillis());
      thread.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
