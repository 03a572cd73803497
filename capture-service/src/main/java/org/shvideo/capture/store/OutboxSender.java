package org.shvideo.capture.store;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.lifecycle.Backoff;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Sends the jobs in the outbox to Redis, oldest first, in a thread of its own. While Redis is
 * unavailable, the jobs wait on disk, and it keeps trying.
 *
 * <p>A job is sent a second time {@link #CONFIRMATION_DELAY} after the first, and its entry is
 * removed only if Redis still has it then. Redis usually forces its data to disk once a second, and
 * may lose what it had accepted when its machine loses power; a job that it lost is added again. A
 * job that it has is added only once, however often it is sent.
 */
public final class OutboxSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxSender.class);

  private static final Duration MIN_RETRY_DELAY = Duration.ofSeconds(1);
  private static final Duration MAX_RETRY_DELAY = Duration.ofSeconds(10);
  private static final Duration CHECK_INTERVAL = Duration.ofMinutes(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  /**
   * Redis' {@code appendfsync everysec} loses at most two seconds, according to its documentation;
   * the rest is for slow disks.
   */
  private static final Duration CONFIRMATION_DELAY = Duration.ofSeconds(10);

  private final ClipStore store;
  private final Outbox outbox;
  private final JobQueue queue;
  private final Backoff backoff = new Backoff(MIN_RETRY_DELAY, MAX_RETRY_DELAY);
  private final ClipListener listener;
  private final Duration confirmationDelay;

  /** {@link System#nanoTime} when the job of a clip was sent; changed by the thread only. */
  private final Map<String, Long> sentNanos = new ConcurrentHashMap<>();

  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "outbox-sender");

  /** Why Redis is unavailable, logged once; null if it is available, as far as is known. */
  private volatile String unavailable;

  /** Closes neither the store nor the queue. */
  public OutboxSender(ClipStore store, JobQueue queue, ClipListener listener) {
    this(store, queue, listener, CONFIRMATION_DELAY);
  }

  OutboxSender(ClipStore store, JobQueue queue, ClipListener listener, Duration confirmationDelay) {
    this.store = store;
    this.outbox = store.outbox();
    this.queue = queue;
    this.listener = listener;
    this.confirmationDelay = confirmationDelay;
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Adds the check {@code outbox} and the number of jobs not sent yet. */
  public void addTo(Monitoring monitoring) {
    monitoring.health().add("outbox", this::check);
    monitoring
        .metrics()
        .gauge(
            "shvideo_outbox_jobs", "Jobs on disk that were not sent to Redis yet.", this::waiting);
  }

  /** The number of jobs not sent yet; NaN if the outbox cannot be read. */
  public double waiting() {
    try {
      return outbox.clips().stream().filter(name -> !sentNanos.containsKey(name)).count();
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /** Degraded while Redis is unavailable, which loses nothing. */
  CheckResult check() {
    double waiting = waiting();
    if (Double.isNaN(waiting)) {
      return CheckResult.failed("cannot read the outbox: check that the video folder is mounted");
    }
    if (!thread.isAlive() && stop.getCount() > 0) {
      return CheckResult.failed("the thread that sends jobs has ended: restart the service");
    }
    String reason = unavailable;
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
      // no time left for another attempt
    }
  }

  /** Time until the next job is due. */
  private Duration untilNext() {
    Duration wait = CHECK_INTERVAL;
    for (String clip : sentNanos.keySet()) {
      Duration left = untilConfirmed(clip);
      wait = left.compareTo(wait) < 0 ? left : wait;
    }
    return wait;
  }

  /** Zero if it is due, or was not sent yet. */
  private Duration untilConfirmed(String clip) {
    Long since = sentNanos.get(clip);
    if (since == null) {
      return Duration.ZERO;
    }
    Duration left = confirmationDelay.minusNanos(System.nanoTime() - since);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Sends all jobs that are due; false if some must be tried again. */
  private boolean send() {
    boolean all = true;
    try {
      for (String clip : outbox.clips()) {
        // A pending clip is being published.
        if (!store.isPending(clip) && untilConfirmed(clip).isZero()) {
          all &= send(clip);
        }
      }
      outbox.sync();
      return all;
    } catch (QueueUnavailableException e) {
      if (!e.getMessage().equals(unavailable)) {
        unavailable = e.getMessage();
        LOG.warn("{}. Jobs wait in the outbox until Redis is available.", unavailable);
      }
    } catch (IOException e) {
      LOG.error("Cannot read the outbox: {}", ClipStore.reason(e));
    } catch (RuntimeException e) {
      LOG.error("Cannot send a job. Retrying.", e);
    }
    return false;
  }

  /** Sends one job; false if its entry cannot be handled, which does not affect others. */
  private boolean send(String clip) {
    try {
      Optional<Job> job = outbox.get(clip);
      if (job.isPresent()) {
        send(clip, job.get());
      } else {
        outbox.setAside(clip);
      }
      return true;
    } catch (IOException e) {
      LOG.error("Cannot handle the outbox entry of clip {}: {}", clip, ClipStore.reason(e));
      return false;
    }
  }

  private void send(String clip, Job job) throws IOException {
    MDC.put("job", job.id());
    try {
      boolean added = queue.enqueue(job);
      if (unavailable != null) {
        unavailable = null;
        LOG.info("Reconnected to Redis. Sending jobs.");
      }
      boolean resent = sentNanos.containsKey(clip);
      if (resent && !added) {
        // Without an entry, a recording that a power cut brings back would be another clip.
        store.syncRecordings();
        outbox.remove(clip);
        sentNanos.remove(clip);
        return;
      }
      sentNanos.put(clip, System.nanoTime());
      if (resent) {
        LOG.warn("Redis had lost job {} of clip {}. Sent it again.", job.id(), job.filename());
      } else {
        LOG.info("Queued job {} for clip {}", job.id(), job.filename());
        listener.queued(job);
      }
    } finally {
      MDC.remove("job");
    }
  }

  /**
   * Tries once more to send the remaining jobs, and stops within 2 s. Entries that were sent but
   * not confirmed are left for the next start.
   */
  @Override
  public void close() {
    stop.countDown();
    outbox.wake();
    try {
      thread.join(CLOSE_TIMEOUT.toMillis());
      thread.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
