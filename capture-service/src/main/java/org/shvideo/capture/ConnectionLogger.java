package org.shvideo.capture;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says of a camera that comes and goes: that it is unavailable, why, and when it is
 * tried again; the same reason again only once a minute, with the number of tries; that it is back.
 * Not thread-safe.
 */
final class ConnectionLogger {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLogger.class);
  private static final Duration SAME_REASON_EVERY = Duration.ofMinutes(1);

  private int tries;
  private Kind kind;
  private long toldNanos;

  void failed(Kind failure, String reason, Duration wait) {
    long now = System.nanoTime();
    boolean again = failure == kind && now - toldNanos < SAME_REASON_EVERY.toNanos();
    kind = failure;
    tries++;
    long seconds = Math.max(1, Math.round(wait.toMillis() / 1000.0));
    String unit = seconds == 1 ? "second" : "seconds";
    String sofar = tries == 1 ? "" : " (%d tries so far)".formatted(tries);
    if (again) {
      LOG.debug("Camera unavailable, next try in {} {}{}: {}", seconds, unit, sofar, reason);
    } else {
      LOG.warn("Camera unavailable, next try in {} {}{}: {}", seconds, unit, sofar, reason);
      toldNanos = now;
    }
  }

  void over(CameraUrl url, StreamInfo info) {
    LOG.info(
        "Camera connected: {}, {} {}x{}{}",
        url,
        info.codec(),
        info.width(),
        info.height(),
        info.frameRate() > 0 ? ", " + plain(info.frameRate()) + " frames/s" : "");
    tries = 0;
    kind = null;
  }

  private static String plain(double rate) {
    return BigDecimal.valueOf(rate)
        .setScale(2, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
