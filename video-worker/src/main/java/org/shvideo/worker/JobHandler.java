package org.shvideo.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.function.Supplier;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.lifecycle.Backoff;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.video.ClipNameException;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Handles one job after another: first the clip's line in the log, then the settlement of the job.
 * A job that is delivered again, because its worker or Redis failed in between, finds its line and
 * needs no second analysis.
 *
 * <p>Used by one thread.
 */
record JobHandler(
    JobQueue queue,
    WorkLimits limits,
    VideoFolder folder,
    DetectionLog detectionLog,
    ClipAnalyzer analyzer,
    WorkerListener listener,
    WorkerStatus status,
    Clock clock) {
  private static final Logger log = LoggerFactory.getLogger(JobHandler.class);

  /** Before another attempt at a job that failed. */
  private static final Duration MIN_JOB_RETRY_DELAY = Duration.ofSeconds(5);

  private static final Duration MAX_JOB_RETRY_DELAY = Duration.ofMinutes(5);

  /** Before the log is tried again. */
  private static final Duration MIN_LOG_RETRY_DELAY = Duration.ofSeconds(1);

  private static final Duration MAX_LOG_RETRY_DELAY = Duration.ofSeconds(10);

  /**
   * Handles a job; returns when it is settled, to be retried, given back, or lost to another
   * worker.
   *
   * @param onStuck called on another thread when the analysis is stuck
   */
  void handle(Delivery delivery, StopSignal stop, Runnable onStuck) {
    Job job = delivery.job();
    MDC.put("job", job.id());
    status.jobStarted(job.filename());
    try {
      listener.started(delivery);
      log.info("Job {} started: {}, attempt {}", job.id(), job.filename(), delivery.attempt());
      writeLine(delivery, stop, onStuck).ifPresent(line -> settle(delivery, line));
    } finally {
      if (!stop.isStuck()) {
        status.jobEnded();
      }
      MDC.remove("job");
    }
  }

  /** Makes sure that the log has the job's line; empty when the job must not be settled now. */
  private Optional<DetectionLine> writeLine(Delivery delivery, StopSignal stop, Runnable onStuck) {
    Job job = delivery.job();
    Runnable stuck =
        () -> {
          stop.requestAsStuck();
          status.stuck(job.filename());
          onStuck.run();
        };
    try (Heartbeat heartbeat = new Heartbeat(queue, delivery, limits.stallTimeout(), stuck)) {
      Optional<DetectionLine> earlier =
          untilLogWorks(heartbeat, stop, () -> detectionLog.find(job.id()));
      if (earlier.isPresent()) {
        log.info("Job {} already has its line, from an earlier attempt", job.id());
        return earlier;
      }
      return analyse(delivery, heartbeat, stop)
          .map(line -> untilLogWorks(heartbeat, stop, () -> append(line)));
    } catch (Heartbeat.LeaseLostException e) {
      log.warn("Job {} dropped: its lease expired and another worker has it", job.id());
    } catch (StopSignal.StoppedException e) {
      log.info("Job {} goes back to the queue because this worker stops", job.id());
      queue.release(delivery);
    }
    return Optional.empty();
  }

  private DetectionLine append(DetectionLine line) {
    long start = System.nanoTime();
    DetectionLine written = detectionLog.append(line);
    status.logged(System.nanoTime() - start);
    return written;
  }

  private Optional<DetectionLine> analyse(Delivery delivery, Heartbeat heartbeat, StopSignal stop) {
    Job job = delivery.job();
    if (delivery.attempt() > queue.settings().maxAttempts()) {
      return Optional.of(gaveUp(job, "the worker died or the clip is too much for it"));
    }
    long deadline = System.nanoTime() + limits.clipTimeout().toNanos();
    try {
      Path clip = folder.clip(job.filename());
      long bytes = Files.size(clip);
      DetectionLine line =
          analyzer.analyse(
              clip,
              (frames, total) -> {
                heartbeat.progress(frames, total);
                status.alive();
                stop.check();
                if (System.nanoTime() - deadline > 0) {
                  throw new ClipTimeoutException();
                }
              });
      return Optional.of(forJob(line, job, folder.root().relativize(clip), bytes));
    } catch (ClipNameException | ClipUnreadableException e) {
      // Another attempt would not help.
      return Optional.of(failed(job, e.getMessage()));
    } catch (ClipTimeoutException e) {
      // Another attempt would take as long.
      return Optional.of(
          failed(
              job,
              "its analysis took longer than CLIP_TIMEOUT allows, %d s"
                  .formatted(limits.clipTimeout().toSeconds())));
    } catch (Heartbeat.LeaseLostException | StopSignal.StoppedException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      log.debug("Job {} failed", job.id(), e);
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      if (delivery.attempt() == queue.settings().maxAttempts()) {
        return Optional.of(gaveUp(job, reason));
      }
      retry(delivery, reason);
      status.retried();
      return Optional.empty();
    }
  }

  private void retry(Delivery delivery, String reason) {
    Backoff backoff = new Backoff(MIN_JOB_RETRY_DELAY, MAX_JOB_RETRY_DELAY);
    Duration delay = backoff.next();
    for (int attempt = 1; attempt < delivery.attempt(); attempt++) {
      delay = backoff.next();
    }
    log.warn(
        "Job {} failed: {}. Retrying in {} s.", delivery.job().id(), reason, delay.toSeconds());
    queue.retry(delivery, reason, delay);
  }

  /**
   * Reads or writes the log, again and again until that works. A full disk is not the job's fault:
   * the job keeps its lease and its attempt, and no other job is taken whose line could not be
   * written either.
   */
  private <T> T untilLogWorks(Heartbeat heartbeat, StopSignal stop, Supplier<T> operation) {
    Backoff backoff = new Backoff(MIN_LOG_RETRY_DELAY, MAX_LOG_RETRY_DELAY);
    boolean logged = false;
    while (true) {
      try {
        T result = operation.get();
        status.blocked(null);
        return result;
      } catch (UncheckedIOException e) {
        status.blocked(e.getMessage());
        if (!logged) {
          log.error("{}. Retrying until it works.", e.getMessage());
          logged = true;
        }
        stop.await(backoff.next());
        status.alive();
        heartbeat.alive();
        stop.check();
      }
    }
  }

  private void settle(Delivery delivery, DetectionLine line) {
    String result = Json.write(line);
    boolean held =
        line.ok() ? queue.finish(delivery, result) : queue.fail(delivery, line.error(), result);
    String job = delivery.job().id();
    if (!held) {
      log.warn("Job {} was taken over by another worker in the meantime; its line stays", job);
    } else if (line.ok()) {
      log.info(
          "Job {} finished in {} s: {} ({} of {} frames)",
          job,
          line.elapsedSeconds(),
          line.detected().isEmpty() ? "nothing" : String.join(", ", line.detected()),
          line.analysed(),
          line.frames());
    } else {
      log.warn("Job {} failed: {}", job, line.error());
    }
    if (held) {
      status.settled(line);
    }
    listener.ended(line);
  }

  /** Adds what the job knows; file names become relative to the video folder, as the job's is. */
  private static DetectionLine forJob(DetectionLine line, Job job, Path clip, long bytes) {
    return line.toBuilder()
        .job(job)
        .bytes(bytes)
        .snapshot(line.snapshot() == null ? null : clip.resolveSibling(line.snapshot()).toString())
        .build();
  }

  private DetectionLine gaveUp(Job job, String reason) {
    return failed(
        job, "gave up after %d attempts: %s".formatted(queue.settings().maxAttempts(), reason));
  }

  private DetectionLine failed(Job job, String error) {
    Long bytes = null;
    try {
      bytes = Files.size(folder.clip(job.filename()));
    } catch (ClipNameException | IOException e) {
      // which the line says, or there is no file
    }
    return DetectionLine.builder(job, LocalDateTime.now(clock)).error(error).bytes(bytes).build();
  }

  private static final class ClipTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
