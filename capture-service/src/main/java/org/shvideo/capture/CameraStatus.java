package org.shvideo.capture;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.shvideo.tasks.monitoring.CheckResult;

/**
 * The state and counters of one camera, written by the camera's thread and read by others. A packet
 * costs three additions. Thread-safe.
 */
final class CameraStatus {
  /** Opening makes two attempts, the second of which waits three timeouts for a keyframe. */
  private static final int OPENING_TIMEOUTS = 6;

  private static final int FIRST_PACKET_TIMEOUTS = 4;

  /** For closing, slow disks and a busy machine. */
  private static final Duration TOLERANCE = Duration.ofSeconds(10);

  private final Duration timeout;
  private final LongSupplier nanoTime;
  private final LongAdder packets = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder connections = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder motions = new LongAdder();
  private final LongAdder clips = new LongAdder();

  /** Used by the camera's thread only. */
  private boolean moving;

  private volatile Phase phase;
  private volatile long packetNanos;
  private volatile boolean anyPacket;
  private volatile boolean resting;

  private enum State {
    CONNECTING,
    CONNECTED,
    DISCONNECTED,
    ENDED,
    FAILED
  }

  /**
   * A state since a time.
   *
   * @param message why the camera is or was disconnected, or how it ended; may be empty
   * @param retryDelay until the next attempt to connect
   */
  private record Phase(State state, long sinceNanos, String message, Duration retryDelay) {}

  /**
   * @param timeout for opening, and for each further packet
   * @param nanoTime clock of the packets' arrival times
   */
  CameraStatus(Duration timeout, LongSupplier nanoTime) {
    this.timeout = timeout;
    this.nanoTime = nanoTime;
    enter(State.CONNECTING, "", Duration.ZERO);
  }

  /** Keeps the reason of a disconnection. */
  void connecting() {
    Phase before = phase;
    String message = before.state() == State.DISCONNECTED ? before.message() : "";
    enter(State.CONNECTING, message, Duration.ZERO);
  }

  void connected() {
    connections.increment();
    moving = false;
    anyPacket = false;
    resting = false;
    enter(State.CONNECTED, "", Duration.ZERO);
  }

  void packet(int size, long arrivalNanos, boolean motion, boolean atRest) {
    packets.increment();
    bytes.add(size);
    packetNanos = arrivalNanos;
    anyPacket = true;
    if (motion && !moving) {
      motions.increment();
    }
    moving = motion;
    resting = atRest;
  }

  /**
   * A connection failed or broke.
   *
   * @param reason without secrets
   * @param retryDelay until the next attempt
   */
  void disconnected(String reason, Duration retryDelay) {
    failures.increment();
    enter(State.DISCONNECTED, reason, retryDelay);
  }

  /** A file was played to its end, or the service stops. */
  void ended() {
    enter(State.ENDED, "ended", Duration.ZERO);
  }

  /** The camera will not be tried again. */
  void failed(String reason) {
    failures.increment();
    enter(State.FAILED, reason, Duration.ZERO);
  }

  void clipPublished() {
    clips.increment();
  }

  private void enter(State state, String message, Duration retryDelay) {
    phase = new Phase(state, nanoTime.getAsLong(), message, retryDelay);
  }

  boolean isConnected() {
    return phase.state() == State.CONNECTED;
  }

  /** Whether only keyframes are decoded. */
  boolean isResting() {
    return resting && isConnected();
  }

  long packets() {
    return packets.sum();
  }

  long bytes() {
    return bytes.sum();
  }

  /** Connections after the first. */
  long reconnects() {
    return Math.max(0, connections.sum() - 1);
  }

  /** Failed attempts to connect, and broken connections. */
  long failures() {
    return failures.sum();
  }

  long motions() {
    return motions.sum();
  }

  long clips() {
    return clips.sum();
  }

  /** Time since the last packet of any connection; NaN before the first. */
  double packetAgeSeconds() {
    return packets.sum() == 0 ? Double.NaN : (nanoTime.getAsLong() - packetNanos) / 1e9;
  }

  /**
   * The camera's health. A disconnected camera that is tried again is degraded; a state that lasts
   * longer than any timeout allows means that the camera's thread is stuck, which is a failure.
   */
  CheckResult check() {
    Phase now = phase;
    Duration since = Duration.ofNanos(nanoTime.getAsLong() - now.sinceNanos());
    return switch (now.state()) {
      case CONNECTING ->
          since.compareTo(timeout.multipliedBy(OPENING_TIMEOUTS).plus(TOLERANCE)) > 0
              ? stuck("connecting", since)
              : CheckResult.degraded(
                  now.message().isEmpty() ? "connecting" : "reconnecting: " + now.message());
      case CONNECTED -> connected(since);
      case DISCONNECTED ->
          since.compareTo(now.retryDelay().plus(TOLERANCE)) > 0
              ? stuck("waiting to retry", since)
              : CheckResult.degraded(
                  "disconnected, retrying within %d s: %s"
                      .formatted(Math.max(1, now.retryDelay().toSeconds()), now.message()));
      case ENDED -> CheckResult.ok(now.message());
      case FAILED -> CheckResult.failed(now.message());
    };
  }

  private CheckResult connected(Duration since) {
    if (!anyPacket) {
      return since.compareTo(timeout.multipliedBy(FIRST_PACKET_TIMEOUTS).plus(TOLERANCE)) > 0
          ? stuck("connected without a packet", since)
          : CheckResult.ok("connected, waiting for the first keyframe");
    }
    Duration age = Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - packetNanos));
    return age.compareTo(timeout.plus(TOLERANCE)) > 0
        ? stuck("connected without a packet", age)
        : CheckResult.ok("connected, last packet %.1f s ago".formatted(age.toMillis() / 1000.0));
  }

  private static CheckResult stuck(String activity, Duration since) {
    return CheckResult.failed(
        "%s for %d s, longer than any timeout: the camera's thread is stuck. Check that the video"
                .formatted(activity, since.toSeconds())
            + " folder's disk works, and restart the service");
  }
}
