package org.shvideo.lab.powercut;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.shvideo.capture.CaptureService;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.cli.pipeline.ClipAudit;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Polling;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.log.LogRotation;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/**
 * Redis, capture, and a worker that writes a line for each job without looking at its clip, started
 * as {@code ./sh-video run} starts them. Clips are short, the log is rotated and old clips are
 * deleted often. Not thread-safe.
 */
final class PoweredPipeline implements AutoCloseable {
  private static final String CONSUMER = "worker";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final VideoFolder folder;
  private final Witness witness;
  private final String mark;
  private final CaptureSettings settings;
  private final EmbeddedRedis redis;
  private final JobQueue queue;
  private final AtomicInteger opened = new AtomicInteger();
  private final Thread worker = new Thread(this::work, CONSUMER);
  private volatile boolean stopped;
  private CaptureService capture;

  /**
   * Starts everything.
   *
   * @param cameras URLs by name
   * @param mark stands in the lines as what was detected
   */
  PoweredPipeline(Path root, Map<String, String> cameras, Witness witness, String mark)
      throws IOException, InterruptedException {
    this.folder = new VideoFolder(root.resolve("video"));
    this.witness = witness;
    this.mark = mark;
    redis = EmbeddedRedis.of(folder);
    Map<String, String> environment = new HashMap<>(redis.environment());
    environment.put("VIDEO_DIR", folder.root().toString());
    environment.put("RECORD_SECONDS", "3");
    environment.put("PRE_ROLL", "1");
    environment.put("MOTION_WARM_UP", "0.5");
    environment.put("MOTION_MIN_AREA", "300");
    environment.put("VIDEO_MAX_BYTES", "1500K");
    cameras.forEach((name, url) -> environment.put("RTSP_URL_" + name, url));
    settings = CaptureSettings.from(Settings.of(environment));
    queue = new JobQueue(QueueSettings.from(Settings.of(environment)));
    try {
      startRedis();
      startCapture();
      worker.start();
    } catch (IOException | RuntimeException e) {
      queue.close();
      redis.close();
      throw e;
    }
  }

  private void startRedis() throws IOException, InterruptedException {
    if (!Polling.await(
        LIMIT,
        () -> {
          redis.keepRunning();
          return redis.process() != null;
        })) {
      throw new IOException("Redis did not start within " + LIMIT);
    }
    if (redis.takeDataSetAside()) {
      ClipAudit.queueLostClips(folder, queue, true);
    }
    queue.abandon(CONSUMER);
  }

  private void startCapture() throws IOException {
    capture =
        CaptureService.open(settings, queue, Clock.system(ZoneId.systemDefault()), new Listener());
    capture.start();
  }

  private final class Listener implements ClipListener {
    @Override
    public void opened(String camera, OffsetDateTime recordedAt) {
      opened.incrementAndGet();
    }

    @Override
    public void published(Path clip, Job job) {
      witness.published(job.filename(), job.id());
    }
  }

  private void work() {
    DetectionLog log = new DetectionLog(folder.log(), new LogRotation(4096, 0));
    while (!stopped) {
      try {
        Optional<Delivery> delivery = queue.take(CONSUMER, POLL);
        if (delivery.isPresent()) {
          Job job = delivery.get().job();
          write(log, job);
          witness.written(job.filename(), job.id());
          queue.finish(delivery.get(), "{}");
        }
      } catch (QueueUnavailableException e) {
        Thread.onSpinWait(); // Redis is restarted or ends
      }
    }
  }

  /** Tries again until it works, as a worker does. */
  private void write(DetectionLog log, Job job) {
    while (true) {
      try {
        log.append(
            DetectionLine.builder(job, LocalDateTime.now(ZoneId.systemDefault()))
                .detected(List.of(mark))
                .build());
        return;
      } catch (UncheckedIOException e) {
        Thread.onSpinWait(); // the disk fails
      }
    }
  }

  VideoFolder folder() {
    return folder;
  }

  /** Ends capture, and starts it again. */
  void restartCapture() throws IOException {
    capture.close();
    startCapture();
  }

  /** Waits until all cameras, which are files, have ended. */
  void awaitEnd() throws InterruptedException {
    capture.awaitEnd();
  }

  /** Waits until all jobs were sent a second time, and their entries are gone. */
  void awaitEmptyOutbox() throws IOException, InterruptedException {
    boolean empty =
        Polling.await(
            LIMIT,
            () -> {
              try (Stream<Path> entries = Files.list(folder.outbox())) {
                return entries.findAny().isEmpty();
              }
            });
    if (!empty) {
      throw new IOException("the outbox is not empty after " + LIMIT);
    }
  }

  /** Waits until a clip is being recorded. */
  boolean awaitRecording() throws InterruptedException {
    return Polling.await(LIMIT, () -> opened.get() > 0);
  }

  /** Ends capture, and waits until all jobs are done. */
  ClipAudit finish() throws IOException, InterruptedException {
    capture.close();
    if (!Polling.await(LIMIT, () -> open(queue.depth()) == 0)) {
      throw new IOException("jobs are left after " + LIMIT + ": " + queue.depth().text());
    }
    stopWorker();
    return ClipAudit.of(folder, queue, true);
  }

  private static long open(QueueDepth depth) {
    return depth.waiting() + depth.started() + depth.retrying();
  }

  private void stopWorker() throws InterruptedException {
    stopped = true;
    worker.join();
  }

  @Override
  public void close() {
    capture.close();
    try {
      stopWorker();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    queue.close();
    redis.close();
  }
}
