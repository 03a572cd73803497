package org.shvideo.capture;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.shvideo.capture.CrashReports.Crashes;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.record.ClipRecorder;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Records one camera on a thread of its own: connects, detects motion and records until the stream
 * ends, and connects again, until the service stops. A file is played once. The end of a stream
 * finishes and publishes the clip in progress.
 */
final class CameraLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(CameraLoop.class);

  /** The names of the cameras' threads begin so; reports of crashes name them. */
  static final String THREAD = "camera-";

  /** Cameras that send a keyframe on connecting do so within this time; others would only pause. */
  private static final Duration MAX_KEYFRAME_WAIT = Duration.ofSeconds(5);

  private final Camera camera;
  private final ClipStore store;
  private final Clock clock;
  private final CountDownLatch stop;
  private final Crashes crashes;
  private final RetryDelay delays = new RetryDelay();
  private final CameraStatus status;
  private final ConnectionLogger connectionLogger;
  private final Optional<SubStream> subStream;
  private boolean keyframeWanted;
  private boolean sendsKeyframeOnConnecting = true;
  private volatile boolean failed;

  /**
   * @param status updated by this
   * @param crashes that this camera's stream has caused
   * @param stop counted down when the service stops
   */
  CameraLoop(
      Camera camera,
      ClipStore store,
      CameraStatus status,
      Crashes crashes,
      Clock clock,
      CountDownLatch stop) {
    this.camera = camera;
    this.store = store;
    this.status = status;
    this.crashes = crashes;
    this.clock = clock;
    this.stop = stop;
    this.connectionLogger = new ConnectionLogger(camera.name());
    this.subStream = camera.detectUrl().map(url -> new SubStream(camera, url, status));
  }

  @Override
  public void run() {
    MDC.put("camera", camera.name());
    if (camera.isEncrypted() && camera.stream().trust().isOff()) {
      LOG.warn(
          "Camera {} is not verified (RTSP_TLS=off): whoever answers gets its password. Set"
              + " RTSP_TLS to the fingerprint that ./sh-video doctor prints.",
          camera.name());
    }
    try {
      boolean retry = waitAfterCrash();
      while (retry && stop.getCount() > 0) {
        retry = runOnceAndWait();
      }
      if (!failed) {
        status.ended();
      }
    } catch (InterruptedException e) {
      status.ended();
      Thread.currentThread().interrupt();
    } catch (Error e) {
      status.failed("the camera's thread ended with " + e + ": restart the service");
      throw e;
    } finally {
      MDC.remove("camera");
    }
  }

  /** Returns whether to connect. */
  private boolean waitAfterCrash() throws InterruptedException {
    if (crashes.delay().isZero()) {
      return true;
    }
    String reason =
        ("its stream crashed this service %d times within a day (reports: %s in the video folder)."
                + " Update the camera's firmware, or set another codec in the camera")
            .formatted(crashes.number(), CrashReports.FOLDER);
    connectionLogger.disconnected(Kind.BROKEN, reason, crashes.delay());
    status.disconnected(reason, crashes.delay());
    return !stop.await(crashes.delay().toNanos(), TimeUnit.NANOSECONDS);
  }

  String cameraName() {
    return camera.name();
  }

  /** Whether a file could not be played to its end. */
  boolean hasFailed() {
    return failed;
  }

  /** Returns whether to try again. */
  private boolean runOnceAndWait() throws InterruptedException {
    long start = System.nanoTime();
    status.connecting();
    Kind kind;
    String reason;
    Optional<Duration> wish = Optional.empty();
    try {
      if (runOnce()) {
        return true;
      }
      LOG.info("Played {} to its end", camera.url());
      return false;
    } catch (StreamException e) {
      kind = e.kind();
      reason = e.getMessage();
      wish = e.retryAfter();
    } catch (RuntimeException e) {
      // An error of our own or of the disk: the next connection may succeed.
      LOG.error("Recording of {} failed", camera.url(), e);
      kind = Kind.BROKEN;
      reason = "recording failed: " + e.getMessage();
    }
    if (kind == Kind.STOPPED || stop.getCount() == 0) {
      return false;
    }
    if (camera.url().isFile()) {
      failed = true;
      status.failed(reason);
      LOG.error("Cannot play the file {}", reason);
      return false;
    }
    Duration delay = delays.after(kind, wish, start);
    connectionLogger.disconnected(kind, reason, delay);
    status.disconnected(reason, delay);
    return !stop.await(delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Records one connection to its end.
   *
   * @return false at the end of a file; true if a new connection is to bring a keyframe
   */
  private boolean runOnce() throws StreamException {
    long connecting = System.nanoTime();
    try (CameraStream stream = CameraStream.open(camera.url(), camera.stream(), stop);
        CameraMotion motion = new CameraMotion(camera, stream.info(), subStream, status);
        ClipRecorder recorder =
            new ClipRecorder(camera.name(), stream.info(), camera.clip(), store, clock)) {
      connectionLogger.connected(camera.url(), stream.info());
      stream.snapshotInterval().ifPresent(connectionLogger::asksForPictures);
      status.connected();
      motion.start();
      Packet packet = stream.read();
      if (keyframeWanted) {
        long wait = System.nanoTime() - connecting;
        sendsKeyframeOnConnecting = wait < MAX_KEYFRAME_WAIT.toNanos();
        keyframeWanted = false;
      }
      for (boolean first = true; packet != null; packet = stream.read(), first = false) {
        MotionState state = detect(motion, packet);
        status.packet(packet.size(), packet.arrivalNanos(), state.moving(), motion.isResting());
        if (packet.keyframe() && !first) {
          status.keyframesAreRare(false);
        }
        stream.correction().ifPresent(recorder::correct);
        recorder.accept(packet, state);
        if (recorder.needsKeyframe() || motion.needsKeyframe()) {
          boolean reconnect = sendsKeyframeOnConnecting && !camera.url().isFile();
          status.keyframesAreRare(true);
          connectionLogger.keyframesAreRare(reconnect);
          if (reconnect) {
            keyframeWanted = true;
            return true;
          }
        }
      }
      return false;
    }
  }

  private static MotionState detect(CameraMotion motion, Packet packet) {
    try {
      return motion.accept(packet);
    } catch (RuntimeException e) {
      packet.close();
      throw e;
    }
  }
}
