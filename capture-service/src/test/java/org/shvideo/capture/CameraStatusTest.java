package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.monitoring.MonitoringClient;
import org.shvideo.tasks.monitoring.MonitoringSettings;
import org.shvideo.tasks.monitoring.PrometheusText;

class CameraStatusTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final AtomicLong now = new AtomicLong(-5_000_000_000L);
  private final CameraStatus status = new CameraStatus(TIMEOUT, false, now::get);

  @Test
  void sendingCameraIsHealthy() {
    status.connecting();
    assertThat(status.isConnected()).isFalse();
    status.connected();
    assertThat(status.check().state()).isEqualTo(State.OK);
    assertThat(status.packetAgeSeconds()).isNaN();
    status.packet(1000, now.get(), false, false);
    pass(1.5);

    assertThat(status.isConnected()).isTrue();
    assertThat(status.packetAgeSeconds()).isEqualTo(1.5);
    assertThat(status.check().state()).isEqualTo(State.OK);
    assertThat(status.check().message()).isEqualTo("connected, last packet 1.5 s ago");
  }

  @Test
  void rareKeyframesAreToldUntilTheyAreNot() {
    status.connected();
    status.packet(1000, now.get(), false, false);
    status.keyframesAreRare(true);
    status.connecting();
    status.connected();
    status.packet(1000, now.get(), false, false);
    assertThat(status.check().state()).isEqualTo(State.DEGRADED);
    assertThat(status.check().message()).contains("keyframe interval to 2 s");

    status.keyframesAreRare(false);
    assertThat(status.check().state()).isEqualTo(State.OK);
  }

  @Test
  void silenceBeyondTheTimeoutIsAFailure() {
    status.connected();
    status.packet(1000, now.get(), false, false);
    pass(20);
    assertThat(status.check().state()).isEqualTo(State.OK);
    pass(0.1);
    assertThat(status.check().state()).isEqualTo(State.FAILED);
    assertThat(status.check().message()).contains("for 20 s", "stuck", "restart");
  }

  @Test
  void waitForTheFirstKeyframeIsLimited() {
    status.connected();
    pass(50);
    assertThat(status.check().state()).isEqualTo(State.OK);
    pass(0.1);
    assertThat(status.check().state()).isEqualTo(State.FAILED);
  }

  @Test
  void disconnectedCameraIsDegradedWhileRetried() {
    status.disconnected("rtsp://gate: connection refused", Duration.ofSeconds(60));
    pass(70);
    assertThat(status.isConnected()).isFalse();
    assertThat(status.check().state()).isEqualTo(State.DEGRADED);
    assertThat(status.check().message())
        .isEqualTo("disconnected, retrying within 60 s: rtsp://gate: connection refused");
    pass(0.1);
    assertThat(status.check().state()).isEqualTo(State.FAILED);

    status.connecting();
    pass(70);
    assertThat(status.check().state()).isEqualTo(State.DEGRADED);
    assertThat(status.check().message()).isEqualTo("reconnecting: rtsp://gate: connection refused");
    pass(0.1);
    assertThat(status.check().state()).isEqualTo(State.FAILED);
  }

  @Test
  void countsConnectionsFailuresAndMotion() throws IOException {
    status.connected();
    status.packet(700, now.get(), false, false);
    status.packet(300, now.get(), true, false);
    status.packet(1, now.get(), true, false);
    status.packet(1, now.get(), false, false);
    status.packet(1, now.get(), true, false);
    status.disconnected("gone", TIMEOUT);
    status.connecting();
    status.connected();
    status.packet(1, now.get(), true, false);

    try (Monitoring monitoring =
        new Monitoring(new MonitoringSettings("127.0.0.1", OptionalInt.of(0)))) {
      status.addTo(monitoring, "gate");
      monitoring.start();
      PrometheusText metrics = MonitoringClient.metrics(monitoring.port());
      assertThat(
              Stream.of("packets", "bytes", "motion_events", "reconnects", "failures", "clips")
                  .map(it -> metrics.value("shvideo_camera_" + it + "_total", "camera", "gate")))
          .containsExactly(6.0, 1004.0, 3.0, 1.0, 1.0, 0.0);
    }
  }

  @Test
  void onlyConnectedCamerasRest() {
    status.connected();
    assertThat(status.isResting()).isFalse();
    status.packet(1, now.get(), false, true);
    assertThat(status.isResting()).isTrue();
    status.packet(1, now.get(), false, false);
    assertThat(status.isResting()).isFalse();

    status.packet(1, now.get(), false, true);
    status.disconnected("gone", TIMEOUT);
    assertThat(status.isResting()).isFalse();
    status.connected();
    assertThat(status.isResting()).isFalse();
  }

  @Test
  void fileEndsOrFails() {
    status.ended();
    pass(1000);
    assertThat(status.check().state()).isEqualTo(State.OK);
    assertThat(status.isConnected()).isFalse();
    status.failed("no such file");
    assertThat(status.check().state()).isEqualTo(State.FAILED);
  }

  private void pass(double seconds) {
    now.addAndGet(Math.round(seconds * 1e9));
  }
}
