package org.shvideo.capture;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.monitoring.Monitoring;

/**
 * The state and counters of one camera, written by the camera's thread and read by others. A packet
 * costs three additions. Thread-safe.
 */
final class CameraStatus {
  static final String CLIPS = "shvideo_camera_clips_total";
  static final String CLIPS_MEANING =
      "Clips published; `(other)` for clips of an earlier run whose camera is no longer"
          + " configured.";

  /** Opening makes two attempts, the second of which waits three timeouts for a keyframe. */
  private static final int OPENING_TIMEOUTS = 6;

  private static final int FIRST_PACKET_TIMEOUTS = 4;

  /** For closing, slow disks and a busy machine. */
  private static final Duration TOLERANCE = Duration.ofSeconds(10);

  private final Duration timeout;
  private final boolean hasSubStream;
  private final LongSupplier nanoTime;
  private final LongAdder packets = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder connections = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder motions = new LongAdder();
  private final LongAdder clips = new LongAdder();
  private final LongAdder subStreamFailures = new LongAdder();

  /** Used by the camera's thread only. */
  private boolean moving;

  private volatile Phase phase;
  private volatile long packetNanos;
  private volatile boolean anyPacket;
  private volatile boolean rareKeyframes;
  private volatile boolean resting;

  /** Empty if motion is detected where it is to be. */
  private volatile String subStreamProblem = "";

  private enum State {
    CONNECTING,
    CONNECTED,
    DISCONNECTED,
    ENDED,
    FAILED
  }

  /**
   * @param message why the camera is or was disconnected, or how it ended; may be empty
   */
  private record Phase(State state, long sinceNanos, String message, Duration retryDelay) {}

  /**
   * @param timeout for opening, and for each further packet
   * @param hasSubStream whether motion is to be detected in another stream than the recorded one
   * @param nanoTime clock of the packets' arrival times
   */
  CameraStatus(Duration timeout, boolean hasSubStream, LongSupplier nanoTime) {
    this.timeout = timeout;
    this.hasSubStream = hasSubStream;
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
    subStreamProblem = "";
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

  void keyframesAreRare(boolean rare) {
    rareKeyframes = rare;
  }

  /**
   * Motion is detected in the main stream, for a reason without secrets; in the sub-stream if it is
   * empty.
   */
  void subStreamMissing(String reason) {
    subStreamProblem = reason;
  }

  /** A connection to the sub-stream failed or broke. Called by the sub-stream's thread. */
  void subStreamFailed() {
    subStreamFailures.increment();
  }

  /** A connection failed or broke, for a reason without secrets. */
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

  /** Adds the camera's health check and metrics. */
  void addTo(Monitoring monitoring, String camera) {
    monitoring.health().add("camera " + camera, this::check);
    Metrics metrics = monitoring.metrics();
    String[] label = {"camera", camera};
    metrics.gauge(
        "shvideo_camera_connected",
        "1 when the camera is connected, 0 when it is not.",
        () -> isConnected() ? 1 : 0,
        label);
    metrics.gauge(
        "shvideo_camera_resting",
        "1 while only keyframes are decoded, because nothing moves; see docs/design/motion.md.",
        () -> isResting() ? 1 : 0,
        label);
    metrics.gauge(
        "shvideo_camera_last_packet_age_seconds",
        "Time since the last packet; NaN before the first.",
        this::packetAgeSeconds,
        label);
    metrics.counter("shvideo_camera_packets_total", "Packets received.", packets::sum, label);
    metrics.counter("shvideo_camera_bytes_total", "Bytes received in packets.", bytes::sum, label);
    metrics.counter(
        "shvideo_camera_reconnects_total",
        "Connections after the first.",
        () -> Math.max(0, connections.sum() - 1),
        label);
    metrics.counter(
        "shvideo_camera_failures_total",
        "Failed attempts to connect, and broken connections.",
        failures::sum,
        label);
    metrics.counter(
        "shvideo_camera_motion_events_total", "Motions that began.", motions::sum, label);
    metrics.counter(CLIPS, CLIPS_MEANING, clips::sum, label);
    if (hasSubStream) {
      metrics.gauge(
          "shvideo_camera_sub_stream",
          "1 while motion is detected in the sub-stream (`DETECT_URL`), 0 while it cannot be had or"
              + " the camera is not connected; only of cameras that have one.",
          () -> isConnected() && subStreamProblem.isEmpty() ? 1 : 0,
          label);
      metrics.counter(
          "shvideo_camera_sub_stream_failures_total",
          "Failed attempts to connect to the sub-stream, and broken connections.",
          subStreamFailures::sum,
          label);
    }
  }

  private void enter(State state, String message, Duration retryDelay) {
    phase = new Phase(state, nanoTime.getAsLong(), message, retryDelay);
  }

  boolean isConnected() {
    return phase.state() == State.CONNECTED;
  }

  boolean isResting() {
    return resting && isConnected();
  }

  /** Of any connection. */
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
    if (age.compareTo(timeout.plus(TOLERANCE)) > 0) {
      return stuck("connected without a packet", age);
    }
    if (rareKeyframes) {
      return CheckResult.degraded(
          "connected, but its keyframes are too rare, so clips begin too early or are cut off:"
              + " set its keyframe interval to 2 s");
    }
    String problem = subStreamProblem;
    return problem.isEmpty()
        ? CheckResult.ok("connected, last packet %.1f s ago".formatted(age.toMillis() / 1000.0))
        : CheckResult.degraded(
            "connected, but motion is detected in the main stream, because the sub-stream cannot be"
                + " had: "
                + problem);
  }

  private static CheckResult stuck(String activity, Duration since) {
    return CheckResult.failed(
        "%s for %d s, longer than any timeout: the camera's thread is stuck. Check that the video"
                .formatted(activity, since.toSeconds())
            + " folder's disk works, and restart the service");
  }
}
