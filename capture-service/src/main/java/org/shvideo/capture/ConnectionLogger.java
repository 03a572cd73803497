package org.shvideo.capture;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs connections and disconnections of one camera. The same reason is repeated only once a
 * minute. Not thread-safe.
 */
final class ConnectionLogger {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLogger.class);
  private static final Duration REPEAT_INTERVAL = Duration.ofMinutes(1);

  private final String camera;
  private int attempts;
  private Kind lastKind;
  private boolean rareKeyframesLogged;
  private long loggedNanos;
  private boolean asksForPictures;

  ConnectionLogger(String camera) {
    this.camera = camera;
  }

  /** Logs that a connection failed or broke, for a reason without secrets. */
  void disconnected(Kind kind, String reason, Duration delay) {
    long now = System.nanoTime();
    boolean repeated = kind == lastKind && now - loggedNanos < REPEAT_INTERVAL.toNanos();
    lastKind = kind;
    attempts++;
    long seconds = Math.max(1, Math.round(delay.toMillis() / 1000.0));
    String failures = attempts == 1 ? "" : " (%d failed attempts)".formatted(attempts);
    LOG.atLevel(repeated ? Level.DEBUG : Level.WARN)
        .log("Camera {} disconnected: {}. Retrying in {} s{}.", camera, reason, seconds, failures);
    if (!repeated) {
      loggedNanos = now;
    }
  }

  /**
   * Logs, once, that clips have to wait for keyframes.
   *
   * @param reconnecting whether a new connection brings one
   */
  void keyframesAreRare(boolean reconnecting) {
    if (rareKeyframesLogged) {
      return;
    }
    rareKeyframesLogged = true;
    LOG.warn(
        "Camera {} sends keyframes too rarely. Clips can only begin at one, and after a damaged"
            + " packet nothing can be seen until the next. {} Set its keyframe interval to 2 s.",
        camera,
        reconnecting
            ? "Reconnecting to get one, which interrupts the picture for a moment."
            : "Clips may begin early, late or not at all.");
  }

  void connected(CameraUrl url, StreamInfo info) {
    LOG.info(
        "Camera {} connected: {}, {} {}x{}{}",
        camera,
        url,
        info.codec(),
        info.width(),
        info.height(),
        info.frameRate() > 0 ? ", " + rounded(info.frameRate()) + " frames/s" : "");
    attempts = 0;
    lastKind = null;
  }

  /** Logs once how often a camera that sends no stream is asked for a picture. */
  void asksForPictures(Duration interval) {
    if (!asksForPictures) {
      asksForPictures = true;
      LOG.info(
          "Camera {} answers with single pictures; asking for one every {} s"
              + " (SNAPSHOT_INTERVAL).",
          camera,
          rounded(interval.toMillis() / 1e3));
    }
  }

  private static String rounded(double number) {
    return BigDecimal.valueOf(number)
        .setScale(2, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
