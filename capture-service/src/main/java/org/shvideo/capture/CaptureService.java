package org.shvideo.capture;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.shvideo.capture.retention.Retention;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.OutboxSender;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records all cameras: one thread each, which shares nothing with the others but the folder, and
 * one that sends the finished clips' jobs, and one that keeps the footage within its limits.
 * Thread-safe.
 */
public final class CaptureService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureService.class);

  /** Leaves four seconds of the ten, that a container has to stop, for what comes after. */
  private static final Duration CAMERAS_CLOSE_WITHIN = Duration.ofMillis(5_500);

  private final ClipStore store;
  private final OutboxSender sender;
  private final Retention retention;
  private final CaptureStatus status;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<CameraLoop> loops;
  private final List<Thread> threads;
  private boolean started;
  private boolean closed;

  private CaptureService(
      CaptureSettings settings,
      ClipStore store,
      OutboxSender sender,
      Retention retention,
      CaptureStatus status,
      Clock clock,
      RandomGenerator random) {
    this.store = store;
    this.sender = sender;
    this.retention = retention;
    this.status = status;
    this.loops =
        settings.cameras().stream()
            .map(
                camera ->
                    new CameraLoop(
                        camera,
                        settings,
                        store,
                        status.of(camera.name()),
                        clock,
                        own(random),
                        stop))
            .toList();
    this.threads = loops.stream().map(CaptureService::thread).toList();
  }

  /** A daemon, so that one that hangs never keeps the process from ending. */
  private static Thread thread(CameraLoop loop) {
    Thread thread = new Thread(loop, "camera-" + loop.cameraName());
    thread.setDaemon(true);
    return thread;
  }

  /** Generators are not thread-safe: each camera has its own. */
  private static RandomGenerator own(RandomGenerator random) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(random.nextLong());
  }

  /**
   * Makes the folder ready and finishes what an earlier run left behind; records nothing yet.
   *
   * @param queue not closed by this; need not be reachable
   * @param clock gives the time of day and the zone of the clips' names
   * @throws IOException when the folder cannot be used; the message says why and what to do
   */
  public static CaptureService open(
      CaptureSettings settings,
      JobQueue queue,
      Clock clock,
      RandomGenerator random,
      ClipListener listener)
      throws IOException {
    boolean cameraInNames = settings.cameras().size() > 1;
    CaptureStatus status = new CaptureStatus(settings, listener);
    ClipStore store = ClipStore.open(settings.folder(), cameraInNames, clock, status);
    try {
      Retention retention = new Retention(store, settings.retention(), clock);
      OutboxSender sender = new OutboxSender(store, queue, own(random), status);
      return new CaptureService(settings, store, sender, retention, status, clock, random);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Adds its cameras, its outbox and its limits to what is monitored. */
  public void addTo(Monitoring monitoring) {
    status.addTo(monitoring);
    monitoring.health().add("outbox", sender::check);
    monitoring.health().add("retention", retention::check);
    monitoring
        .metrics()
        .gauge(
            "shvideo_outbox_jobs", "Jobs on disk that Redis does not have yet.", sender::waiting);
    monitoring
        .metrics()
        .gauge(
            "shvideo_recording_paused",
            "1 while no clip is begun because the limits are exceeded and nothing may be deleted.",
            () -> retention.isPaused() ? 1 : 0);
    monitoring
        .metrics()
        .counter(
            "shvideo_clips_deleted_total",
            "Clips deleted to keep the footage within its limits.",
            retention::deletedClips);
  }

  public synchronized void start() {
    if (closed || started) {
      throw new IllegalStateException(closed ? "closed" : "started already");
    }
    started = true;
    sender.start();
    retention.start();
    threads.forEach(Thread::start);
  }

  /**
   * Returns when nothing is left to record: every input was a file and has ended, or the service
   * was closed.
   *
   * @return whether all files were played to their ends
   */
  public boolean awaitEnd() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    return loops.stream().noneMatch(CameraLoop::failed);
  }

  /**
   * Stops recording: the clips in progress are finished and published, and their jobs sent if Redis
   * is there. Within 10 s, also where the disk hangs; what takes longer is left to be salvaged at
   * the next start.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    stop.countDown();
    long end = System.nanoTime() + CAMERAS_CLOSE_WITHIN.toNanos();
    try {
      for (Thread thread : threads) {
        if (started) {
          thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
        if (thread.isAlive()) {
          LOG.warn("{} does not end in time; its clip is salvaged at the next start", thread);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    retention.close();
    sender.close();
    store.close();
  }
}
