package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a camera tells besides its pictures: the time, and whether it has sound. */
class ResponseHeadersTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-02-23T12:48:19Z"), ZoneOffset.UTC);
  private static final Duration SOON = Duration.ofSeconds(5);

  @ParameterizedTest
  @ValueSource(strings = {"rtsp", "http"})
  void measuresTheClockOffset(String scheme) throws IOException {
    try (ScriptedServer camera = telling("Date: Mon, 23 Feb 2026 13:48:29 GMT")) {
      assertThat(ahead(camera.url(scheme, "me:hush", "/live"))).hasValue(Duration.ofSeconds(3610));
    }
  }

  @Test
  void missingOrInvalidDateGivesNoOffset() throws IOException {
    try (ScriptedServer silent = telling("X: y");
        ScriptedServer odd = telling("Date: yesterday")) {
      assertThat(ahead(silent.url("rtsp", "/live"))).isEmpty();
      assertThat(ahead(odd.url("rtsp", "/live"))).isEmpty();
      assertThat(ahead("/a/file.mp4")).isEmpty();
      assertThat(ahead("http://no-such-camera.invalid/")).isEmpty();
    }
  }

  @Test
  void listsAudioCodecs() throws Exception {
    String description =
        """
        v=0
        o=- 0 0 IN IP4 127.0.0.1
        s=x
        t=0 0
        m=video 0 RTP/AVP 96
        a=rtpmap:96 H264/90000
        a=control:video
        m=audio 0 RTP/AVP 0
        a=control:audio
        """
            .replace("\n", "\r\n");
    try (ScriptedServer camera =
        new ScriptedServer(
            (request, out) -> {
              String line = request.get(0);
              boolean describe = line.startsWith("DESCRIBE");
              ScriptedServer.send(
                  out,
                  "RTSP/1.0 200 OK",
                  ScriptedServer.sequence(request),
                  "Session: 1",
                  "Transport: RTP/AVP/TCP;unicast;interleaved="
                      + (line.contains("/audio ") ? "2-3" : "0-1"),
                  "Content-Type: application/sdp",
                  "Content-Length: " + (describe ? description.length() : 0));
              if (describe) {
                out.write(description.getBytes(StandardCharsets.UTF_8));
              }
              return true;
            })) {
      assertThat(
              CameraStream.audioCodecs(
                  CameraUrl.parse(camera.url("rtsp", "/live")),
                  new StreamSettings(StreamSettings.Transport.TCP, SOON),
                  new CountDownLatch(1)))
          .containsExactly("pcm_mulaw");
    }
  }

  private static Optional<Duration> ahead(String url) {
    return ResponseHeaders.clockOffset(CameraUrl.parse(url), SOON, CLOCK);
  }

  private static ScriptedServer telling(String header) {
    return new ScriptedServer(
        (request, out) -> {
          ScriptedServer.send(out, "RTSP/1.0 401 Unauthorized", "CSeq: 1", header);
          return true;
        });
  }
}
