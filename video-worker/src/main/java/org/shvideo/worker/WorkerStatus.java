package org.shvideo.worker;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.worker.analysis.ClipAnalyzer;

/**
 * The health and the metrics of a worker, written by its thread and read by others. Thread-safe.
 */
final class WorkerStatus {
  /**
   * Longer than an idle worker waits for Redis, and than the stall timeout after which a lease is
   * no longer renewed.
   */
  private static final Duration STALL_TIMEOUT = Duration.ofSeconds(90);

  private final LongSupplier nanoTime;
  private final LongAdder analysed = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder footageMillis = new LongAdder();
  private final LongAdder elapsedMillis = new LongAdder();
  private final LongAdder logNanos = new LongAdder();
  private volatile long aliveNanos;
  private volatile String clip;
  private volatile String problem;
  private volatile boolean ended;
  private volatile String stuckClip;

  WorkerStatus(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    alive();
  }

  /** The worker makes progress, or knows why it does not. */
  void alive() {
    aliveNanos = nanoTime.getAsLong();
  }

  void jobStarted(String filename) {
    clip = filename;
    alive();
  }

  void jobEnded() {
    clip = null;
    problem = null;
    alive();
  }

  /** The worker cannot continue its job, for this reason; null when it can again. */
  void blocked(String reason) {
    problem = reason;
  }

  void stuck(String filename) {
    stuckClip = filename;
  }

  void settled(DetectionLine line) {
    (line.ok() ? analysed : failed).increment();
    if (line.durationSeconds() != null) {
      footageMillis.add(Math.round(line.durationSeconds() * 1000));
    }
    if (line.elapsedSeconds() != null) {
      elapsedMillis.add(Math.round(line.elapsedSeconds() * 1000));
    }
  }

  void logged(long nanos) {
    logNanos.add(nanos);
  }

  void retried() {
    retried.increment();
  }

  void ended() {
    ended = true;
  }

  void addTo(Monitoring monitoring) {
    monitoring.health().add("worker", this::check);
    Metrics metrics = monitoring.metrics();
    metrics.counter(
        "shvideo_clips_analysed_total",
        "Clips analysed, with their line written and their job finished.",
        analysed::sum);
    metrics.counter(
        "shvideo_clips_failed_total",
        "Clips that could not be analysed; their jobs failed.",
        failed::sum);
    metrics.counter(
        "shvideo_jobs_retried_total", "Attempts that failed and are retried.", retried::sum);
    metrics.counter(
        "shvideo_clip_footage_seconds_total",
        "Length of the clips analysed.",
        () -> footageMillis.sum() / 1000.0);
    metrics.counter(
        "shvideo_clip_analysis_seconds_total",
        "Time that the analysis of clips took; when it equals their length, the worker is fully"
            + " used.",
        () -> elapsedMillis.sum() / 1000.0);
    ClipAnalyzer.addStage(metrics, "log", logNanos::sum);
    metrics.gauge(
        "shvideo_worker_busy", "1 while a clip is being analysed.", () -> clip == null ? 0 : 1);
    metrics.gauge(
        "shvideo_worker_heartbeat_age_seconds",
        "Time since the worker last made progress; beyond 90 it is stuck.",
        () -> (nanoTime.getAsLong() - aliveNanos) / 1e9);
  }

  CheckResult check() {
    if (ended) {
      return CheckResult.failed("the worker has ended: restart the service");
    }
    String stuck = stuckClip;
    if (stuck != null) {
      return CheckResult.failed("stuck in " + stuck + ": restart the service");
    }
    String now = clip;
    String doing = now == null ? "waiting for jobs" : "analysing " + now;
    Duration since = Duration.ofNanos(nanoTime.getAsLong() - aliveNanos);
    if (since.compareTo(STALL_TIMEOUT) > 0) {
      return CheckResult.failed(
          "%s, but no progress for %d s: is the video folder's disk available? Restart the service"
              .formatted(doing, since.toSeconds()));
    }
    String reason = problem;
    return reason == null
        ? CheckResult.ok(doing)
        : CheckResult.failed(doing + ", but blocked: " + reason);
  }
}
