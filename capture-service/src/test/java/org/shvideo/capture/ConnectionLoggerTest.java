package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamInfo;

class ConnectionLoggerTest {

  @Test
  void repeatsAReasonOnlyOnceAMinute() {
    StreamInfo info = new StreamInfo("h264", 1280, 720, 12.5, null);
    try (CapturedLog log = new CapturedLog()) {
      ConnectionLogger logger = new ConnectionLogger("gate");
      logger.disconnected(Kind.REFUSED, "connection refused", Duration.ofSeconds(1));
      logger.disconnected(Kind.REFUSED, "connection refused", Duration.ofMillis(1600));
      logger.disconnected(Kind.UNAUTHORIZED, "wrong user or password", Duration.ofSeconds(60));
      logger.connected(CameraUrl.parse("rtsp://me:hush@cam/live"), info);
      logger.disconnected(Kind.UNAUTHORIZED, "wrong user or password", Duration.ofSeconds(60));

      assertThat(log.lines())
          .containsExactly(
              "WARN - Camera gate disconnected: connection refused. Retrying in 1 s.",
              "DEBUG - Camera gate disconnected: connection refused. Retrying in 2 s (2 failed"
                  + " attempts).",
              "WARN - Camera gate disconnected: wrong user or password. Retrying in 60 s (3 failed"
                  + " attempts).",
              "INFO - Camera gate connected: rtsp://me:***@cam/live, h264 1280x720, 12.5 frames/s",
              "WARN - Camera gate disconnected: wrong user or password. Retrying in 60 s.");
    }
  }
}
