package org.shvideo.capture;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.shvideo.tasks.monitoring.CheckResult;

/**
 * How it stands with one camera. The camera's thread tells, others look; a packet costs three
 * additions. Thread-safe.
 */
final class CameraStatus {
  /** Opening tries twice, the second time with three timeouts' patience for a keyframe. */
  private static final int OPENING_TIMEOUTS = 6;

  private static final int FIRST_PACKET_TIMEOUTS = 4;

  /** For what takes time besides: closing, disks, a busy machine. */
  private static final Duration SLACK = Duration.ofSeconds(10);

  private final Duration timeout;
  private final LongSupplier nanoTime;
  private final LongAdder packets = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder connections = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder motions = new LongAdder();
  private final LongAdder clips = new LongAdder();

  /** Of the camera's thread. */
  private boolean moving;

  private volatile Phase phase;
  private volatile long packetNanos;
  private volatile boolean anyPacket;
  private volatile boolean resting;

  private enum State {
    CONNECTING,
    CONNECTED,
    AWAY,
    ENDED,
    FAILED
  }

  /**
   * Where the camera is in its life.
   *
   * @param message of what is no camera's usual life: why it is or was away, or how it ended
   * @param retry how long until it is tried again
   */
  private record Phase(State state, long sinceNanos, String message, Duration retry) {}

  /**
   * @param timeout bounds opening, and the wait for each further packet
   * @param nanoTime of the packets' arrival
   */
  CameraStatus(Duration timeout, LongSupplier nanoTime) {
    this.timeout = timeout;
    this.nanoTime = nanoTime;
    enter(State.CONNECTING, "", Duration.ZERO);
  }

  /** Keeps in mind why it was away. */
  void connecting() {
    Phase before = phase;
    String message = before.state() == State.AWAY ? before.message() : "";
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
   * The camera cannot be reached, or no longer.
   *
   * @param reason without secrets
   * @param wait until it is tried again
   */
  void away(String reason, Duration wait) {
    failures.increment();
    enter(State.AWAY, reason, wait);
  }

  /** A file was played to its end, or the service stops. */
  void ended() {
    enter(State.ENDED, "it has ended", Duration.ZERO);
  }

  /** Nothing more will come of it. */
  void failed(String reason) {
    failures.increment();
    enter(State.FAILED, reason, Duration.ZERO);
  }

  void clipPublished() {
    clips.increment();
  }

  private void enter(State state, String message, Duration wait) {
    phase = new Phase(state, nanoTime.getAsLong(), message, wait);
  }

  boolean isConnected() {
    return phase.state() == State.CONNECTED;
  }

  /** Whether only its keyframes are decoded. */
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

  /** Tries to connect that failed, and connections that broke off. */
  long failures() {
    return failures.sum();
  }

  long motions() {
    return motions.sum();
  }

  long clips() {
    return clips.sum();
  }

  /** Since the last packet, of whichever connection; NaN before the first. */
  double packetAgeSeconds() {
    return packets.sum() == 0 ? Double.NaN : (nanoTime.getAsLong() - packetNanos) / 1e9;
  }

  /**
   * Whether its thread does its part. A camera that is away, and tried again, is not its fault; one
   * that is silent for longer than any deadline allows means that it hangs.
   */
  CheckResult check() {
    Phase now = phase;
    Duration since = Duration.ofNanos(nanoTime.getAsLong() - now.sinceNanos());
    return switch (now.state()) {
      case CONNECTING ->
          since.compareTo(timeout.multipliedBy(OPENING_TIMEOUTS).plus(SLACK)) > 0
              ? hangs("connecting", since)
              : CheckResult.degraded(
                  now.message().isEmpty()
                      ? "connecting"
                      : "away, connecting again: " + now.message());
      case CONNECTED -> connected(since);
      case AWAY ->
          since.compareTo(now.retry().plus(SLACK)) > 0
              ? hangs("waiting to try again", since)
              : CheckResult.degraded(
                  "away, tried again within %d s: %s"
                      .formatted(Math.max(1, now.retry().toSeconds()), now.message()));
      case ENDED -> CheckResult.ok(now.message());
      case FAILED -> CheckResult.failed(now.message());
    };
  }

  private CheckResult connected(Duration since) {
    if (!anyPacket) {
      return since.compareTo(timeout.multipliedBy(FIRST_PACKET_TIMEOUTS).plus(SLACK)) > 0
          ? hangs("connected without a packet", since)
          : CheckResult.ok("connected, waiting for its first keyframe");
    }
    Duration age = Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - packetNanos));
    return age.compareTo(timeout.plus(SLACK)) > 0
        ? hangs("connected without a packet", age)
        : CheckResult.ok("connected, last packet %.1f s ago".formatted(age.toMillis() / 1000.0));
  }

  private static CheckResult hangs(String doing, Duration since) {
    return CheckResult.failed(
        "%s for %d s, longer than any deadline: its thread hangs; is the video folder's disk slow or"
                .formatted(doing, since.toSeconds())
            + " away? Restart the service");
  }
}
