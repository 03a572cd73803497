package org.shvideo.capture;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.shvideo.capture.retention.Retention;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.Inbox;
import org.shvideo.capture.store.LostClips;
import org.shvideo.capture.store.OutboxSender;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records all cameras, with one thread per camera, which share nothing but the folder, one that
 * sends the jobs of finished clips, one that enforces the limits on stored clips, and one that
 * takes what others put into the inbox. Thread-safe.
 */
public final class CaptureService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureService.class);

  /** Leaves four of the ten seconds that a container has to stop for what comes afterwards. */
  private static final Duration CAMERAS_CLOSE_TIMEOUT = Duration.ofMillis(5_500);

  private final ClipStore store;
  private final OutboxSender sender;
  private final LostClips lostClips;
  private final Inbox inbox;
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
      LostClips lostClips,
      Inbox inbox,
      Retention retention,
      CaptureStatus status,
      CrashReports crashes,
      Clock clock) {
    this.store = store;
    this.sender = sender;
    this.lostClips = lostClips;
    this.inbox = inbox;
    this.retention = retention;
    this.status = status;
    this.loops =
        settings.cameras().stream()
            .map(
                camera ->
                    new CameraLoop(
                        camera,
                        store,
                        status.of(camera.name()),
                        crashes.of(camera.name()),
                        clock,
                        stop))
            .toList();
    this.threads =
        loops.stream()
            .map(loop -> new Thread(loop, CameraLoop.THREAD + loop.cameraName()))
            .toList();
    // A stuck thread must not keep the process from ending.
    threads.forEach(thread -> thread.setDaemon(true));
  }

  /**
   * Prepares the folder and publishes clips that an earlier run left unfinished; records nothing
   * yet.
   *
   * @param queue not closed by this; need not be reachable
   * @param clock for the time of day and the time zone of clip names
   * @throws IOException if the folder cannot be used; the message says why and what to do
   */
  public static CaptureService open(
      CaptureSettings settings, JobQueue queue, Clock clock, ClipListener listener)
      throws IOException {
    boolean cameraInNames = settings.cameras().size() > 1;
    CaptureStatus status = new CaptureStatus(settings);
    ClipStore store = ClipStore.open(settings.folder(), cameraInNames, clock, status, listener);
    try {
      Retention retention = new Retention(store, settings.retention(), clock);
      OutboxSender sender = new OutboxSender(store, queue, listener);
      CrashReports crashes = new CrashReports(settings.folder(), clock);
      LostClips lostClips = new LostClips(store, queue);
      Inbox inbox = new Inbox(store, clock);
      return new CaptureService(
          settings, store, sender, lostClips, inbox, retention, status, crashes, clock);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Adds the health checks and metrics of the cameras, the outbox and the retention limits. */
  public void addTo(Monitoring monitoring) {
    status.addTo(monitoring);
    sender.addTo(monitoring);
    lostClips.addTo(monitoring);
    retention.addTo(monitoring);
  }

  public synchronized void start() {
    if (closed || started) {
      throw new IllegalStateException(closed ? "closed" : "started already");
    }
    started = true;
    sender.start();
    lostClips.start();
    retention.start();
    inbox.start();
    threads.forEach(Thread::start);
  }

  /**
   * Waits until nothing is left to record: every input was a file and has ended, or the service was
   * closed.
   *
   * @return whether all files were played to their end
   */
  public boolean awaitEnd() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    return loops.stream().noneMatch(CameraLoop::hasFailed);
  }

  /**
   * Stops recording: finishes and publishes the clips in progress and sends their jobs if Redis is
   * available. Takes at most 10 s, even if the disk hangs; what takes longer is left to the next
   * start.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    stop.countDown();
    long end = System.nanoTime() + CAMERAS_CLOSE_TIMEOUT.toNanos();
    inbox.close();
    try {
      for (Thread thread : threads) {
        if (started) {
          thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
        if (thread.isAlive()) {
          LOG.warn(
              "Thread {} did not end in time. Its clip is salvaged at the next start.", thread);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    retention.close();
    lostClips.close();
    sender.close();
    store.close();
  }
}
