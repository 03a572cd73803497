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
    StreamInfo info = new StreamInfo("h264", 1280, 720, 1, 1_000_000, 12.5, null);
    try (LogLines log = new LogLines()) {
      ConnectionLogger outage = new ConnectionLogger();
      outage.failed(Kind.REFUSED, "connection refused", Duration.ofSeconds(1));
      outage.failed(Kind.REFUSED, "connection refused", Duration.ofMillis(1600));
      outage.failed(Kind.UNAUTHORIZED, "wrong user or password", Duration.ofSeconds(60));
      outage.over(CameraUrl.parse("rtsp://me:hush@cam/live"), info);
      outage.failed(Kind.UNAUTHORIZED, "wrong user or password", Duration.ofSeconds(60));

      assertThat(log.lines())
          .containsExactly(
              "WARN - Camera unavailable, next try in 1 second: connection refused",
              "DEBUG - Camera unavailable, next try in 2 seconds (2 tries so far):"
                  + " connection refused",
              "WARN - Camera unavailable, next try in 60 seconds (3 tries so far):"
                  + " wrong user or password",
              "INFO - Camera connected: rtsp://me:***@cam/live, h264 1280x720, 12.5 frames/s",
              "WARN - Camera unavailable, next try in 60 seconds: wrong user or password");
    }
  }
}
