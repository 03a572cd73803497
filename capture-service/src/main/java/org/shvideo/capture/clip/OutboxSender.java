package org.shvideo.capture.clip;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.lifecycle.Backoff;
import org.shvideo.tasks.monitoring.Finding;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Sends the outbox' jobs to the queue, oldest first, in a thread of its own. An entry is removed
 * when Redis has its job; a job that is sent twice, because the process ended in between, is added
 * once. Redis away: it tries again for ever, and the jobs wait on disk.
 */
public final class OutboxSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxSender.class);

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final ClipStore store;
  private final Outbox outbox;
  private final JobQueue queue;
  private final Backoff backoff;
  private final ClipListener listener;
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
    this.store = store;
    this.outbox = store.outbox();
    this.queue = queue;
    this.backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
    this.listener = listener;
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** How many jobs are not sent yet; NaN when the outbox cannot be read. */
  public double waiting() {
    try {
      return outbox.recordings().size();
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /** Whether jobs get out. Redis being away is no fault of this service: they wait. */
  public Finding finding() {
    double waiting = waiting();
    if (Double.isNaN(waiting)) {
      return Finding.failed("the outbox in the video folder cannot be read: is it mounted?");
    }
    if (!thread.isAlive() && stop.getCount() > 0) {
      return Finding.failed("jobs are not sent any more: restart the service");
    }
    String reason = trouble;
    return reason == null
        ? Finding.ok("%.0f jobs wait to be sent".formatted(waiting))
        : Finding.degraded(
            "%.0f jobs wait, and are sent when Redis is back: %s".formatted(waiting, reason));
  }

  private void run() {
    try {
      while (stop.getCount() > 0) {
        if (send()) {
          backoff.reset();
          outbox.await(LOOK_AGAIN);
        } else {
          stop.await(backoff.next().toNanos(), TimeUnit.NANOSECONDS);
        }
      }
      send();
    } catch (InterruptedException e) {
      // the time for the last attempt is over
    }
  }

  /** Sends what is there; false when something is left that should be tried again. */
  private boolean send() {
    boolean all = true;
    try {
      for (String recording : outbox.recordings()) {
        // What is still a recording is just being published.
        if (!store.isRecording(recording)) {
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
      queue.enqueue(job);
      outbox.remove(recording);
      if (trouble != null) {
        trouble = null;
        LOG.info("Redis is back");
      }
      LOG.info("Job {} queued for file {}", job.id(), job.filename());
      listener.queued(job);
    } finally {
      MDC.remove("job");
    }
  }

  /** Tries once more to send what is left, and stops within 2 s. */
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
