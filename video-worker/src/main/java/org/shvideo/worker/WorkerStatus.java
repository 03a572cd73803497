package org.shvideo.worker;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.monitoring.Finding;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.worker.analysis.ClipAnalyzer;

/** How it stands with a worker. Its thread tells, others look. Thread-safe. */
final class WorkerStatus {
  /**
   * Longer than an idle worker waits for Redis to answer or not, and than work may hang before its
   * lease is left to run out.
   */
  private static final Duration HANGS_AFTER = Duration.ofSeconds(90);

  private final LongSupplier nanoTime;
  private final LongAdder analysed = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder footageMillis = new LongAdder();
  private final LongAdder elapsedMillis = new LongAdder();
  private final LongAdder logNanos = new LongAdder();
  private volatile long aliveNanos;
  private volatile String clip;
  private volatile String trouble;
  private volatile boolean ended;
  private volatile String hanging;

  WorkerStatus(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    alive();
  }

  /** The worker gets on, or knows why it does not. */
  void alive() {
    aliveNanos = nanoTime.getAsLong();
  }

  /** It begins with a job of this clip. */
  void begins(String filename) {
    clip = filename;
    alive();
  }

  /** It is done with the job, one way or another. */
  void idle() {
    clip = null;
    trouble = null;
    alive();
  }

  /** It cannot go on with the job now, and tries until it can. */
  void stuck(String reason) {
    trouble = reason;
  }

  /** It can go on again. */
  void goesOn() {
    trouble = null;
  }

  /** This clip holds it for good. */
  void hangs(String filename) {
    hanging = filename;
  }

  /** Another worker takes its place. */
  void replaced() {
    hanging = null;
    idle();
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
    monitoring.health().add("worker", this::finding);
    Metrics metrics = monitoring.metrics();
    metrics.counter(
        "shvideo_clips_analysed_total",
        "Clips whose line was written and whose job has finished.",
        analysed::sum);
    metrics.counter(
        "shvideo_clips_failed_total",
        "Clips that could not be analysed: their jobs were given up.",
        failed::sum);
    metrics.counter(
        "shvideo_jobs_retried_total", "Attempts that failed and are made again.", retried::sum);
    metrics.counter(
        "shvideo_clip_footage_seconds_total",
        "Length of the clips analysed.",
        () -> footageMillis.sum() / 1000.0);
    metrics.counter(
        "shvideo_clip_analysis_seconds_total",
        "Time that clips took from opening to line; as much as their length: the worker is full.",
        () -> elapsedMillis.sum() / 1000.0);
    ClipAnalyzer.addStage(metrics, "log", logNanos::sum);
    metrics.gauge(
        "shvideo_worker_busy", "1 while a clip is being analysed.", () -> clip == null ? 0 : 1);
    metrics.gauge(
        "shvideo_worker_heartbeat_age_seconds",
        "Time since the worker's loop last turned or a clip got on; beyond 90 it hangs.",
        () -> (nanoTime.getAsLong() - aliveNanos) / 1e9);
  }

  Finding finding() {
    if (ended) {
      return Finding.failed("the worker has ended: restart the service");
    }
    String hangingIn = hanging;
    if (hangingIn != null) {
      return Finding.failed("hangs in " + hangingIn + ": restart the service");
    }
    String now = clip;
    String doing = now == null ? "waiting for jobs" : "analysing " + now;
    Duration since = Duration.ofNanos(nanoTime.getAsLong() - aliveNanos);
    if (since.compareTo(HANGS_AFTER) > 0) {
      return Finding.failed(
          "%s, but has not got on for %d s: is the video folder's disk away? Restart the service"
              .formatted(doing, since.toSeconds()));
    }
    String reason = trouble;
    return reason == null ? Finding.ok(doing) : Finding.failed(doing + ", but stuck: " + reason);
  }
}
