package org.shvideo.tasks.monitoring;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueUnavailableException;

/**
 * Shows the queue: whether Redis answers, and how many jobs are in which state. Redis is asked when
 * somebody looks, every few seconds at most, on a thread of this one's own; who looks waits for two
 * seconds at most and is then told that it does not answer. Thread-safe.
 */
final class QueueMonitor implements AutoCloseable {
  private static final Duration FRESH = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private final JobQueue queue;

  /** Holds one question at most, and its thread goes when nobody asks. */
  private final ExecutorService asking;

  private CompletableFuture<Reading> underway;
  private long askedNanos;

  /**
   * What Redis said.
   *
   * @param depth null when it did not answer
   * @param oldestSeconds 0 when nothing waits
   * @param trouble null when it answered
   */
  private record Reading(QueueDepth depth, double oldestSeconds, String trouble) {}

  /**
   * @param queue borrowed
   */
  QueueMonitor(JobQueue queue) {
    this.queue = queue;
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            FRESH.multipliedBy(10).toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(1),
            task -> {
              Thread thread = new Thread(task, "queue-watch");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    this.asking = executor;
  }

  /**
   * Adds the queue's figures, and the check {@code redis}.
   *
   * @param away how it stands with the service while Redis is away
   */
  void addTo(Monitoring monitoring, State away) {
    monitoring.health().add("redis", () -> check(away));
    Metrics metrics = monitoring.metrics();
    metrics.gauge(
        "shvideo_redis_up",
        "1 when Redis answers, 0 when it is away.",
        () -> reading().depth() == null ? 0 : 1);
    addDepth(metrics, "waiting", QueueDepth::waiting);
    addDepth(metrics, "started", QueueDepth::started);
    addDepth(metrics, "retrying", QueueDepth::retrying);
    metrics.gauge(
        "shvideo_queue_dead_letters",
        "Jobs that were given up; the last 10 000 or so are kept.",
        () -> depth(QueueDepth::dead));
    metrics.gauge(
        "shvideo_queue_oldest_waiting_seconds",
        "How long the job has waited that is taken next; 0 when none waits.",
        () -> reading().oldestSeconds());
  }

  private void addDepth(Metrics metrics, String state, ToDoubleFunction<QueueDepth> count) {
    metrics.gauge(
        "shvideo_queue_jobs",
        "Jobs that wait, are held by workers, or wait for their next attempt; NaN while Redis is"
            + " away.",
        () -> depth(count),
        "state",
        state);
  }

  private double depth(ToDoubleFunction<QueueDepth> count) {
    QueueDepth depth = reading().depth();
    return depth == null ? Double.NaN : count.applyAsDouble(depth);
  }

  private CheckResult check(State away) {
    Reading reading = reading();
    if (reading.depth() == null) {
      return new CheckResult(away, reading.trouble());
    }
    QueueDepth depth = reading.depth();
    return CheckResult.ok(
        "%d jobs wait, %d started, %d to be retried, %d given up"
            .formatted(depth.waiting(), depth.started(), depth.retrying(), depth.dead()));
  }

  private Reading reading() {
    CompletableFuture<Reading> asked;
    long patienceNanos;
    synchronized (this) {
      long now = System.nanoTime();
      boolean old = underway != null && now - askedNanos > FRESH.toNanos();
      // What still hangs is not asked once more.
      if (underway == null || (old && underway.isDone())) {
        underway = CompletableFuture.supplyAsync(this::ask, asking);
        askedNanos = now;
      }
      asked = underway;
      patienceNanos = PATIENCE.toNanos() - (now - askedNanos);
    }
    try {
      return asked.get(Math.max(0, patienceNanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return away("Redis does not answer; is it overloaded, or the network down?");
    } catch (ExecutionException e) {
      return away("Redis cannot be asked: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return away("this service stops");
    }
  }

  private Reading ask() {
    try {
      Duration oldest = queue.oldestWaiting().orElse(Duration.ZERO);
      return new Reading(queue.depth(), oldest.toMillis() / 1000.0, null);
    } catch (QueueUnavailableException e) {
      return away(e.getMessage());
    }
  }

  private static Reading away(String trouble) {
    return new Reading(null, Double.NaN, trouble);
  }

  /** Waits a second at most for a question underway. */
  @Override
  public void close() {
    asking.shutdownNow();
    try {
      asking.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
