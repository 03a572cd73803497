package org.shvideo.camera.rtsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.TestVideo;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RawRtspClient.Frame;

@Tag("camera")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RtspProtocolTest {
  private static final EncodedVideo VIDEO = TestVideo.of(320, 240, 25, 25, 10);
  private static final Instant NOW = Instant.parse("2026-02-23T14:48:19.250Z");

  private RtspCamera camera;
  private RawRtspClient client;

  @BeforeEach
  void start() throws Exception {
    camera =
        RtspCamera.serving(VIDEO)
            .clock(Clock.fixed(NOW, ZoneOffset.UTC))
            // All ones: sequence numbers and timestamps wrap around at once.
            .random(() -> -1L)
            .start();
    client = new RawRtspClient(camera);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    camera.close();
  }

  @Test
  void optionsListsTheMethods() throws Exception {
    assertThat(client.request("OPTIONS", ""))
        .startsWith("RTSP/1.0 200 OK\r\nCSeq: 1\r\n")
        .contains("Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN");
  }

  @Test
  void describeContainsParameterSetsAndFrameRate() throws Exception {
    Base64.Encoder base64 = Base64.getEncoder();

    assertThat(client.request("DESCRIBE", "", "Accept: application/sdp"))
        .contains("Content-Base: " + camera.address() + "/\r\n")
        .contains("Content-Type: application/sdp\r\n")
        .contains("\r\nm=video 0 RTP/AVP 96\r\n")
        .contains("\r\na=rtpmap:96 H264/90000\r\n")
        .contains("packetization-mode=1;")
        .contains(
            ";sprop-parameter-sets="
                + base64.encodeToString(VIDEO.parameterSets().get(0))
                + ","
                + base64.encodeToString(VIDEO.parameterSets().get(1))
                + "\r\n")
        .contains("\r\na=framerate:25.000\r\n");
  }

  @Test
  void playContainsSequenceNumberAndTimestampOfTheFirstPacket() throws Exception {
    String response = client.play();
    Frame first = client.rtp();

    assertThat(response)
        .contains(";timeout=60\r\n")
        .contains(
            "RTP-Info: url="
                + camera.address()
                + "/trackID=0;seq="
                + first.sequence()
                + ";rtptime="
                + first.timestamp()
                + "\r\n");
    assertThat(first.sequence()).isEqualTo(65_535);
    assertThat(first.timestamp()).isEqualTo(0xffffffffL);
    assertThat(client.rtp().sequence()).isZero();
  }

  @Test
  void splitsUnitsIntoSmallPacketsAndMarksTheLast() throws Exception {
    client.play();

    List<Integer> types = new ArrayList<>();
    List<Long> stamps = new ArrayList<>();
    for (int unit = 0; unit < 3; unit++) {
      Frame frame;
      do {
        frame = client.rtp();
        assertThat(frame.packet().limit()).isLessThanOrEqualTo(1400);
        types.add(frame.nalType());
        stamps.add((frame.timestamp() + 1) & 0xffffffffL);
      } while (!frame.marked());
    }

    assertThat(types).startsWith(7, 8, 28).endsWith(28);
    assertThat(stamps).containsOnly(0L, 3600L, 7200L).isSorted();
  }

  @Test
  void senderReportMapsTimestampsToWallClockTime() throws Exception {
    client.play();

    Frame report = client.frame();

    assertThat(report.channel()).isEqualTo(1);
    assertThat(report.packet().get(1) & 0xff).isEqualTo(200);
    long ntpSeconds = report.packet().getInt(8) & 0xffffffffL;
    assertThat(ntpSeconds - 2_208_988_800L).isEqualTo(NOW.getEpochSecond());
    assertThat(report.packet().getInt(12) & 0xffffffffL).isEqualTo(1L << 30);
    long sinceFirst = (report.packet().getInt(16) + 1) & 0xffffffffL;
    assertThat(sinceFirst).isLessThan(90_000);
  }

  @Test
  void respondsToKeepAliveAndTeardownWhilePlaying() throws Exception {
    client.play();
    client.rtp();

    assertThat(client.request("GET_PARAMETER", "")).startsWith("RTSP/1.0 200 OK");
    assertThat(client.request("SET_PARAMETER", "")).startsWith("RTSP/1.0 200 OK");
    assertThat(client.request("PLAY", "")).startsWith("RTSP/1.0 200 OK");
    assertThat(client.request("TEARDOWN", "")).startsWith("RTSP/1.0 200 OK");
    assertThatThrownBy(() -> client.response())
        .isInstanceOfAny(EOFException.class, SocketException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RTP/AVP/TCP", "RTP/SAVP;unicast;client_port=4-5, RTP/AVP/TCP;unicast"})
  void usesChannelsZeroAndOneByDefault(String transport) throws Exception {
    assertThat(client.request("SETUP", "/trackID=0", "Transport: " + transport))
        .contains("\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  }

  @Test
  void usesRequestedChannels() throws Exception {
    client.request("SETUP", "/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=4-5");
    client.request("PLAY", "");

    assertThat(client.frame().channel()).isEqualTo(5);
    assertThat(client.frame().channel()).isEqualTo(4);
  }

  @Test
  void rejectsUnsupportedTransports() throws Exception {
    assertThat(client.request("SETUP", "/trackID=0", "Transport: RTP/AVP;multicast"))
        .startsWith("RTSP/1.0 461 Unsupported Transport\r\n");
    assertThat(client.request("SETUP", "/trackID=0")).startsWith("RTSP/1.0 461");
  }

  @Test
  void rejectsWrongPathsMethodsAndStatesWithoutDisconnecting() throws Exception {
    assertThat(client.request("DESCRIBE", "/other")).startsWith("RTSP/1.0 404 Not Found\r\n");
    assertThat(client.request("PAUSE", "")).startsWith("RTSP/1.0 405").contains("Allow: OPTIONS,");
    assertThat(client.request("PLAY", "")).startsWith("RTSP/1.0 455");
    assertThat(client.request("DESCRIBE", "")).startsWith("RTSP/1.0 200");
  }

  @Test
  void rejectsAMalformedRequestAndDisconnects() throws Exception {
    client.send("hello\r\n\r\n");

    assertThat(client.response()).startsWith("RTSP/1.0 400");
    assertThatThrownBy(() -> client.request("OPTIONS", ""))
        .isInstanceOfAny(EOFException.class, SocketException.class);
  }

  @Test
  void disconnectsASilentClient() throws Exception {
    try (RtspCamera strict =
            RtspCamera.serving(VIDEO).sessionTimeout(Duration.ofSeconds(1)).start();
        RawRtspClient idle = new RawRtspClient(strict)) {
      assertThat(idle.play()).contains(";timeout=1\r\n");

      assertThatThrownBy(
              () -> {
                while (true) {
                  idle.rtp();
                }
              })
          .isInstanceOf(IOException.class);
      await("session ended").until(() -> strict.playing() == 0);
    }
  }

  @Test
  void receiverReportsKeepASessionAlive() throws Exception {
    try (RtspCamera strict =
            RtspCamera.serving(VIDEO).sessionTimeout(Duration.ofMillis(500)).start();
        RawRtspClient reporting = new RawRtspClient(strict)) {
      reporting.play();
      for (int unit = 0; unit < 40; ) {
        Frame frame = reporting.rtp();
        if (frame.marked()) {
          unit++;
          reporting.send("$\1\0\4abcd");
        }
      }
      assertThat(reporting.request("GET_PARAMETER", "")).startsWith("RTSP/1.0 200");
    }
  }

  @Test
  void servesAPathWithAQuery() throws Exception {
    String path = "/cam/realmonitor?channel=1&subtype=0";
    try (RtspCamera dahua = RtspCamera.serving(VIDEO).path(path).start();
        RawRtspClient viewer = new RawRtspClient(dahua)) {
      assertThat(viewer.request("DESCRIBE", "")).startsWith("RTSP/1.0 200");
      assertThat(viewer.play()).startsWith("RTSP/1.0 200");
    }
  }
}
