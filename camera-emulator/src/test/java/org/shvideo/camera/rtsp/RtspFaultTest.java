package org.shvideo.camera.rtsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.camera.Fault;
import org.shvideo.camera.FfmpegClient;
import org.shvideo.camera.FfmpegClient.Received;
import org.shvideo.camera.TestVideo;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RawRtspClient.Frame;

@Tag("camera")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RtspFaultTest {
  private static final EncodedVideo VIDEO = TestVideo.of(320, 240, 50, 50, 25);
  private static final Map<String, String> SHORT_TIMEOUT = Map.of("timeout", "300000");

  private static RtspCamera camera(Fault... faults) throws IOException {
    return RtspCamera.serving(VIDEO).faults(faults).start();
  }

  @Test
  void refusesConnectionsUntilFaultsAreCleared() throws Exception {
    try (RtspCamera camera = camera(new Fault.RefuseConnections())) {
      int port = camera.port();
      assertThatThrownBy(() -> new RawRtspClient(camera)).isInstanceOf(ConnectException.class);

      camera.clearFaults();

      assertThat(camera.port()).isEqualTo(port);
      try (RawRtspClient client = new RawRtspClient(camera)) {
        client.play();
        camera.inject(new Fault.RefuseConnections());
        assertThatThrownBy(() -> new RawRtspClient(camera)).isInstanceOf(ConnectException.class);
        assertThat(unit(client)).as("existing connection").isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"401, 401 Unauthorized", "404, 404 Not Found", "503, 5XX Server Error"})
  void respondsWithTheInjectedStatus(int status, String message) throws Exception {
    try (RtspCamera camera = camera(new Fault.ErrorResponse(status))) {
      assertThatThrownBy(() -> new FfmpegClient(camera.url())).hasMessageContaining(message);

      camera.clearFaults();

      new FfmpegClient(camera.url()).close();
    }
  }

  @Test
  void acceptsConnectionsWithoutResponding() throws Exception {
    try (RtspCamera camera = camera(new Fault.NoResponse());
        RawRtspClient client = new RawRtspClient(camera)) {
      client.socket().setSoTimeout(300);

      assertThatThrownBy(() -> client.request("OPTIONS", ""))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(camera.connections()).isEqualTo(1);
    }
  }

  @Test
  void delaysResponses() throws Exception {
    try (RtspCamera camera = camera(new Fault.DelayResponses(Duration.ofMillis(150)));
        RawRtspClient client = new RawRtspClient(camera)) {
      long begin = System.nanoTime();
      client.request("OPTIONS", "");
      client.request("DESCRIBE", "");

      assertThat(System.nanoTime() - begin).isGreaterThan(300_000_000L);
    }
  }

  @Test
  void closeDoesNotWaitForFaults() throws Exception {
    RtspCamera late = camera(new Fault.DelayResponses(Duration.ofHours(1)));
    RtspCamera stalled = camera(new Fault.Stall(1));
    try (RawRtspClient one = new RawRtspClient(late);
        RawRtspClient two = new RawRtspClient(stalled)) {
      one.send("OPTIONS * RTSP/1.0\r\n\r\n");
      two.play();
      unit(two);
      long begin = System.nanoTime();
      late.close();
      stalled.close();

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
      assertThat(late.connections() + stalled.connections()).isZero();
    }
  }

  @Test
  void stallsWithoutDisconnecting() throws Exception {
    try (RtspCamera camera = camera(new Fault.Stall(20));
        FfmpegClient client = new FfmpegClient(camera.url(), SHORT_TIMEOUT)) {
      assertSent(client.read(100), VIDEO, 20);
      assertThat(camera.connections()).isEqualTo(1);
    }
  }

  @Test
  void sendsOverdueUnitsAfterAStall() throws Exception {
    try (RtspCamera camera = camera(new Fault.Stall(20, Duration.ofMillis(500)));
        FfmpegClient client = new FfmpegClient(camera.url())) {
      List<Received> received = client.read(60);

      assertSent(received, VIDEO, 60);
      // FFmpeg returns a unit when it has received the next one.
      long gap = received.get(20).arrivalNanos() - received.get(18).arrivalNanos();
      long rest = received.get(40).arrivalNanos() - received.get(20).arrivalNanos();
      assertThat(Duration.ofNanos(gap)).isGreaterThan(Duration.ofMillis(400));
      assertThat(Duration.ofNanos(rest)).isLessThan(Duration.ofMillis(200));
    }
  }

  @Test
  void disconnectsEachClientAfterItsUnits() throws Exception {
    try (RtspCamera camera = camera(new Fault.Disconnect(20))) {
      for (int attempt = 1; attempt <= 2; attempt++) {
        try (FfmpegClient client = new FfmpegClient(camera.url())) {
          assertSent(client.read(100), VIDEO, 20);
        }
        assertThat(camera.totalConnections()).isEqualTo(attempt);
      }
      await("client disconnected").until(() -> camera.connections() == 0);
      assertThat(camera.unitsSent()).isEqualTo(40);
    }
  }

  @Test
  void injectedStreamFaultAffectsOnlyCurrentStreams() throws Exception {
    try (RtspCamera camera = camera();
        FfmpegClient client = new FfmpegClient(camera.url())) {
      client.read(10);

      camera.inject(new Fault.Disconnect(5));

      assertThat(client.read(100).size()).isBetween(4, 40);
      try (FfmpegClient later = new FfmpegClient(camera.url())) {
        assertThat(later.read(60)).hasSize(60);
      }
    }
  }

  @Test
  void sendsGarbageBetweenUnits() throws Exception {
    try (RtspCamera camera = camera(new Fault.Garbage(1, 500));
        RawRtspClient client = new RawRtspClient(camera)) {
      client.play();
      int last = unit(client).get(0).sequence();
      byte[] garbage = client.bytes(500);
      int next = client.rtp().sequence();

      assertThat(garbage).isNotEqualTo(new byte[500]);
      assertThat((next - last) & 0xffff).isBetween(1, 100);
    }
  }

  @Test
  void dropsPackets() throws Exception {
    try (RtspCamera camera = camera(new Fault.DropPackets(1, 7));
        RawRtspClient client = new RawRtspClient(camera)) {
      client.play();
      int last = unit(client).get(0).sequence();
      List<Frame> next = unit(client);

      int before = (int) VIDEO.units().get(0).nalUnits().stream().mapToLong(n -> packets(n)).sum();
      assertThat((next.get(0).sequence() - last) & 0xffff).isEqualTo(before + 7);
    }
  }

  @Test
  void losesTheSamePacketsForTheSameSeed() throws Exception {
    List<Integer> first = sequences(new Fault.PacketLoss(0, 30, 5), 60);
    List<Integer> again = sequences(new Fault.PacketLoss(0, 30, 5), 60);

    assertThat(again).isEqualTo(first);
    assertThat(first.get(59)).as("packets sent until 60 arrived").isBetween(70, 105);
  }

  /** Sequence numbers of the first packets, relative to the first. */
  private static List<Integer> sequences(Fault fault, int count) throws Exception {
    List<Integer> sequences = new ArrayList<>();
    try (RtspCamera camera = camera(fault);
        RawRtspClient client = new RawRtspClient(camera)) {
      client.play();
      int first = client.rtp().sequence();
      while (sequences.size() < count) {
        sequences.add((client.rtp().sequence() - first) & 0xffff);
      }
    }
    return sequences;
  }

  private static int packets(byte[] nalUnit) {
    return nalUnit.length <= 1388 ? 1 : (nalUnit.length - 1 + 1385) / 1386;
  }

  @Test
  void switchesTheVideoForCurrentAndLaterClients() throws Exception {
    EncodedVideo other = TestVideo.of(160, 120, 25, 10, 5);
    try (RtspCamera camera = camera(new Fault.SwitchVideo(30, other));
        FfmpegClient client = new FfmpegClient(camera.url())) {
      assertThat(client.width()).isEqualTo(320);
      List<Received> received = client.read(50);

      assertSent(received.subList(0, 30), VIDEO, 30);
      assertSent(received.subList(30, 50), other, 20);
      for (int i = 1; i < 50; i++) {
        assertThat(received.get(i).pts()).isEqualTo(i < 30 ? i * 1800L : 54_000 + (i - 30) * 3600L);
      }
      try (FfmpegClient later = new FfmpegClient(camera.url())) {
        assertThat(later.width()).isEqualTo(160);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"PT10S, 900000", "PT-2S, -180000"})
  void jumpsTimestamps(Duration by, long ticks) throws Exception {
    try (RtspCamera camera = camera(new Fault.JumpTimestamp(3, by));
        RawRtspClient client = new RawRtspClient(camera)) {
      client.play();

      assertThat(steps(client, 6)).containsExactly(1800L, 1800L, 1800L + ticks, 1800L, 1800L);
    }
  }

  @Test
  void repeatsTimestamps() throws Exception {
    try (RtspCamera camera = camera(new Fault.RepeatTimestamp(2, 2));
        RawRtspClient client = new RawRtspClient(camera)) {
      client.play();

      assertThat(steps(client, 6)).containsExactly(1800L, 0L, 0L, 5400L, 1800L);
    }
  }

  /** Differences between the timestamps of the first units. */
  private static List<Long> steps(RawRtspClient client, int units) throws IOException {
    List<Long> steps = new ArrayList<>();
    long last = unit(client).get(0).timestamp();
    while (steps.size() < units - 1) {
      long next = unit(client).get(0).timestamp();
      steps.add((long) (int) (next - last));
      last = next;
    }
    return steps;
  }

  /** The packets of the next unit. */
  private static List<Frame> unit(RawRtspClient client) throws IOException {
    List<Frame> packets = new ArrayList<>();
    do {
      packets.add(client.rtp());
    } while (!packets.get(packets.size() - 1).marked());
    return packets;
  }

  private static void assertSent(List<Received> received, EncodedVideo video, int expected) {
    assertThat(received).hasSize(expected);
    for (int i = 0; i < expected; i++) {
      AccessUnit unit = video.units().get(i % video.units().size());
      assertThat(TestVideo.split(received.get(i).data()))
          .as("unit %d", i)
          .isEqualTo(unit.nalUnits().stream().map(ByteBuffer::wrap).toList());
    }
  }
}
