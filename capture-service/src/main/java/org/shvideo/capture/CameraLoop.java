package org.shvideo.capture;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.motion.StreamMotionDetector;
import org.shvideo.capture.record.ClipRecorder;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.tasks.lifecycle.Backoff;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Records one camera: connects, watches and records until the stream breaks off, and connects
 * again, for ever, whatever happens, until the service stops. A file is played once. Runs on one
 * thread; the stream breaking off closes and publishes the clip in progress.
 */
final class CameraLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(CameraLoop.class);

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  /** Cameras lock an account after a few wrong passwords. */
  private static final Duration UNAUTHORIZED_WAIT = Duration.ofSeconds(60);

  /** A connection that held this long was a good one. */
  private static final Duration GOOD = LONGEST_WAIT;

  private final Camera camera;
  private final CaptureSettings settings;
  private final ClipStore store;
  private final Clock clock;
  private final CountDownLatch stop;
  private final Backoff backoff;
  private final CameraStatus status;
  private final ConnectionLogger outage = new ConnectionLogger();
  private volatile boolean failed;

  /**
   * @param status is told how it goes
   * @param stop counted down when the service stops
   */
  CameraLoop(
      Camera camera,
      CaptureSettings settings,
      ClipStore store,
      CameraStatus status,
      Clock clock,
      RandomGenerator random,
      CountDownLatch stop) {
    this.camera = camera;
    this.settings = settings;
    this.store = store;
    this.status = status;
    this.clock = clock;
    this.stop = stop;
    this.backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
  }

  @Override
  public void run() {
    MDC.put("camera", camera.name());
    try {
      boolean goesOn = true;
      while (goesOn && stop.getCount() > 0) {
        goesOn = runOnceAndWait();
      }
      if (!failed) {
        status.ended();
      }
    } catch (InterruptedException e) {
      status.ended();
      Thread.currentThread().interrupt();
    } catch (Error e) {
      status.failed("its thread died of " + e + "; restart the service");
      throw e;
    } finally {
      MDC.remove("camera");
    }
  }

  String cameraName() {
    return camera.name();
  }

  /** Whether a file could not be played to its end. */
  boolean failed() {
    return failed;
  }

  /** Returns whether there is a next time. */
  private boolean runOnceAndWait() throws InterruptedException {
    long start = System.nanoTime();
    status.connecting();
    Kind kind;
    String reason;
    try {
      runOnce();
      LOG.info("{} was played to its end", camera.url());
      return false;
    } catch (StreamException e) {
      kind = e.kind();
      reason = e.getMessage();
    } catch (RuntimeException e) {
      // A failure of our own or of the disk: the next connection may fare better.
      LOG.error("Recording {} failed", camera.url(), e);
      kind = Kind.BROKEN;
      reason = "recording failed: " + e.getMessage();
    }
    if (kind == Kind.STOPPED || stop.getCount() == 0) {
      return false;
    }
    if (camera.url().isFile()) {
      failed = true;
      status.failed(reason);
      LOG.error("The file cannot be played: {}", reason);
      return false;
    }
    if (System.nanoTime() - start > GOOD.toNanos()) {
      backoff.reset();
    }
    Duration wait = kind == Kind.UNAUTHORIZED ? UNAUTHORIZED_WAIT : backoff.next();
    outage.failed(kind, reason, wait);
    status.away(reason, wait);
    return !stop.await(wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** One connection, from opening to its end; returns at the end of a file. */
  private void runOnce() throws StreamException {
    try (CameraStream stream = CameraStream.open(camera.url(), settings.stream(), stop);
        StreamMotionDetector watch =
            new StreamMotionDetector(camera.name(), stream.info(), camera.motion());
        ClipRecorder recorder =
            new ClipRecorder(camera.name(), stream.info(), settings.clip(), store, clock)) {
      outage.over(camera.url(), stream.info());
      status.connected();
      for (Packet packet = stream.read(); packet != null; packet = stream.read()) {
        MotionState motion = watch(watch, packet);
        status.packet(packet.size(), packet.arrivalNanos(), motion.moving(), watch.isResting());
        recorder.accept(packet, motion);
      }
    }
  }

  private static MotionState watch(StreamMotionDetector watch, Packet packet) {
    try {
      return watch.accept(packet);
    } catch (RuntimeException e) {
      packet.close();
      throw e;
    }
  }
}
