package org.shvideo.tasks.monitoring;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueUnavailableException;

/**
 * The state of Redis and the queue, as metrics and as a health check. Redis is queried on request,
 * every few seconds at most, on a separate thread; a request waits two seconds at most for the
 * reply, and otherwise reports that Redis does not respond. Thread-safe.
 */
final class QueueMonitor implements AutoCloseable {
  private static final Duration MAX_AGE = Duration.ofSeconds(3);
  private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final JobQueue queue;
  private CompletableFuture<Reading> latest;
  private long queriedNanos;

  /** A reply of Redis: either depth and age, 0 when no job waits, or an error. */
  private record Reading(QueueDepth depth, double oldestSeconds, String error) {}

  QueueMonitor(JobQueue queue) {
    this.queue = queue;
  }

  /** Adds the queue's metrics, and the check {@code redis} with its state while Redis is away. */
  void addTo(Monitoring monitoring, State unavailable) {
    monitoring.health().add("redis", () -> check(unavailable));
    Metrics metrics = monitoring.metrics();
    metrics.gauge(
        "shvideo_redis_up",
        "1 when Redis responds, 0 when it is unavailable.",
        () -> reading().depth() == null ? 0 : 1);
    addDepth(metrics, "waiting", QueueDepth::waiting);
    addDepth(metrics, "started", QueueDepth::started);
    addDepth(metrics, "retrying", QueueDepth::retrying);
    metrics.gauge(
        "shvideo_queue_dead_letters",
        "Jobs that failed permanently; about 10 000 are kept.",
        () -> depth(QueueDepth::dead));
    metrics.gauge(
        "shvideo_queue_oldest_waiting_seconds",
        "How long the next job has waited; 0 when none waits.",
        () -> reading().oldestSeconds());
  }

  private void addDepth(Metrics metrics, String state, ToDoubleFunction<QueueDepth> count) {
    metrics.gauge(
        "shvideo_queue_jobs",
        "Jobs that wait, are held by workers, or wait for a retry; NaN while Redis is unavailable.",
        () -> depth(count),
        "state",
        state);
  }

  private double depth(ToDoubleFunction<QueueDepth> count) {
    QueueDepth depth = reading().depth();
    return depth == null ? Double.NaN : count.applyAsDouble(depth);
  }

  private CheckResult check(State unavailable) {
    Reading reading = reading();
    QueueDepth depth = reading.depth();
    return depth == null
        ? new CheckResult(unavailable, reading.error())
        : CheckResult.ok(
            "Jobs: %d waiting, %d started, %d to be retried, %d failed"
                .formatted(depth.waiting(), depth.started(), depth.retrying(), depth.dead()));
  }

  private Reading reading() {
    CompletableFuture<Reading> reply;
    long timeoutNanos;
    synchronized (this) {
      long age = System.nanoTime() - queriedNanos;
      // A query that hangs is not repeated.
      if (latest == null || (latest.isDone() && age > MAX_AGE.toNanos())) {
        latest = CompletableFuture.supplyAsync(this::query, QueueMonitor::start);
        queriedNanos = System.nanoTime();
        age = 0;
      }
      reply = latest;
      timeoutNanos = REPLY_TIMEOUT.toNanos() - age;
    }
    try {
      return reply.get(Math.max(0, timeoutNanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return unavailable("Redis does not respond. Check its load and the network.");
    } catch (ExecutionException e) {
      return unavailable("Cannot query Redis: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unavailable("The service is stopping");
    }
  }

  private static void start(Runnable query) {
    Thread thread = new Thread(query, "queue-monitor");
    thread.setDaemon(true);
    thread.start();
  }

  private Reading query() {
    try {
      Duration oldest = queue.oldestWaiting().orElse(Duration.ZERO);
      return new Reading(queue.depth(), oldest.toMillis() / 1000.0, null);
    } catch (QueueUnavailableException e) {
      return unavailable(e.getMessage());
    }
  }

  private static Reading unavailable(String error) {
    return new Reading(null, Double.NaN, error);
  }

  /** Waits a second at most for a query in progress, so that the queue can be closed after it. */
  @Override
  public synchronized void close() {
    try {
      if (latest != null) {
        latest.get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      // its result is not needed any more
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
