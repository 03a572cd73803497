package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.monitoring.MonitoringClient;
import org.shvideo.tasks.monitoring.MonitoringSettings;
import org.shvideo.tasks.monitoring.PrometheusText;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.settings.Settings;

/** Health and metrics of capture while real components work and fail. */
@Tag("camera")
@Tag("server")
class CaptureMonitoringTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path temporary;

  @Test
  void metricsFollowTheCamera() throws Exception {
    try (TestRedis redis = TestRedis.started();
        RtspCamera camera = RtspCamera.serving(video()).credentials("me", "hush").start();
        RtspCamera gate = RtspCamera.serving(video()).faults(new Fault.NoResponse()).start();
        JobQueue queue = new JobQueue(redis.settings());
        Monitoring monitoring = monitoring();
        CaptureService service =
            service(
                queue,
                monitoring,
                Map.of("RTSP_URL_FRONT_DOOR", camera.url(), "RTSP_URL_GATE", gate.url()))) {
      service.start();

      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                PrometheusText read = MonitoringClient.metrics(monitoring.port());
                assertThat(of("front-door", "shvideo_camera_clips_total", read)).isPositive();
                assertThat(read.value("shvideo_queue_jobs", "state", "waiting")).isPositive();
              });
      PrometheusText read = MonitoringClient.metrics(monitoring.port());
      assertThat(of("front-door", "shvideo_camera_connected", read)).isEqualTo(1);
      assertThat(of("front-door", "shvideo_camera_packets_total", read)).isGreaterThan(15);
      assertThat(of("front-door", "shvideo_camera_bytes_total", read)).isGreaterThan(10_000);
      assertThat(of("front-door", "shvideo_camera_motion_events_total", read)).isPositive();
      assertThat(of("front-door", "shvideo_camera_reconnects_total", read)).isZero();
      assertThat(of("front-door", "shvideo_camera_last_packet_age_seconds", read))
          .isBetween(0.0, 5.0);
      assertThat(of("gate", "shvideo_camera_connected", read)).isZero();
      assertThat(of("gate", "shvideo_camera_packets_total", read)).isZero();
      assertThat(of("gate", "shvideo_camera_last_packet_age_seconds", read)).isNaN();
      MonitoringClient.HealthReport told = MonitoringClient.health(monitoring.port());
      assertThat(told.status()).as("%s", told).isEqualTo(200);
      assertThat(told.check("camera front-door")).startsWith("ok: connected, last packet");
      assertThat(told.check("camera gate")).startsWith("degraded: ");
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                assertThat(MonitoringClient.metrics(monitoring.port()).value("shvideo_outbox_jobs"))
                    .isZero();
                assertThat(MonitoringClient.health(monitoring.port()).check("outbox"))
                    .isEqualTo("ok: 0 jobs waiting to be sent");
              });

      camera.inject(new Fault.RefuseConnections());
      camera.inject(new Fault.Disconnect(0));
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                PrometheusText then = MonitoringClient.metrics(monitoring.port());
                assertThat(of("front-door", "shvideo_camera_connected", then)).isZero();
                assertThat(of("front-door", "shvideo_camera_failures_total", then)).isPositive();
                MonitoringClient.HealthReport away = MonitoringClient.health(monitoring.port());
                assertThat(away.status()).isEqualTo(200);
                assertThat(away.check("camera front-door"))
                    .startsWith("degraded: disconnected, ")
                    .contains("rtsp://me:***@127.0.0.1:", "check that the camera is on")
                    .doesNotContain("hush");
              });
    }
  }

  @Test
  void countsReconnections() throws Exception {
    try (TestRedis redis = TestRedis.started();
        RtspCamera camera = RtspCamera.serving(video()).faults(new Fault.Disconnect(20)).start();
        JobQueue queue = new JobQueue(redis.settings());
        Monitoring monitoring = monitoring();
        CaptureService service = service(queue, monitoring, Map.of("RTSP_URL", camera.url()))) {
      service.start();
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(
                          of(
                              "camera",
                              "shvideo_camera_failures_total",
                              MonitoringClient.metrics(monitoring.port())))
                      .isPositive());

      camera.clearFaults();

      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                PrometheusText read = MonitoringClient.metrics(monitoring.port());
                assertThat(of("camera", "shvideo_camera_reconnects_total", read)).isPositive();
                assertThat(of("camera", "shvideo_camera_connected", read)).isEqualTo(1);
              });
    }
  }

  @Test
  void unavailableRedisIsDegradedNotFailed() throws Exception {
    try (TestRedis redis = TestRedis.started();
        RtspCamera camera = RtspCamera.serving(video()).start();
        JobQueue queue = new JobQueue(redis.settings());
        Monitoring monitoring = monitoring();
        CaptureService service = service(queue, monitoring, Map.of("RTSP_URL", camera.url()))) {
      redis.stop();
      service.start();

      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                PrometheusText read = MonitoringClient.metrics(monitoring.port());
                assertThat(read.value("shvideo_outbox_jobs")).isPositive();
                assertThat(read.value("shvideo_redis_up")).isZero();
                MonitoringClient.HealthReport told = MonitoringClient.health(monitoring.port());
                assertThat(told.status()).isEqualTo(200);
                assertThat(told.worst()).isEqualTo("degraded");
                assertThat(told.check("outbox"))
                    .matches("degraded: \\d+ jobs waiting for Redis: .*");
                assertThat(told.check("redis")).startsWith("degraded: ");
              });

      redis.start();
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                PrometheusText read = MonitoringClient.metrics(monitoring.port());
                assertThat(read.value("shvideo_redis_up")).isEqualTo(1);
                assertThat(read.value("shvideo_queue_jobs", "state", "waiting")).isPositive();
                assertThat(MonitoringClient.health(monitoring.port()).check("outbox"))
                    .startsWith("ok: ");
              });
    }
  }

  private static double of(String camera, String metric, PrometheusText read) {
    return read.value(metric, "camera", camera);
  }

  private static Monitoring monitoring() {
    return new Monitoring(new MonitoringSettings("127.0.0.1", OptionalInt.of(0)));
  }

  private CaptureService service(JobQueue queue, Monitoring monitoring, Map<String, String> cameras)
      throws IOException {
    Settings settings =
        Settings.of(
                Map.of(
                    "VIDEO_DIR", temporary.resolve("video").toString(),
                    "CAMERA_TIMEOUT", "10",
                    "RECORD_SECONDS", "1",
                    "PRE_ROLL", "0.5",
                    "MOTION_WARM_UP", "0.5",
                    "MOTION_SETTLE", "0.5",
                    "MOTION_MIN_AREA", "1000"))
            .with(cameras);
    CaptureSettings read = CaptureSettings.from(settings);
    settings.check();
    CaptureService service =
        CaptureService.open(read, queue, Clock.system(ZoneOffset.UTC), ClipListener.NONE);
    service.addTo(monitoring);
    monitoring.watch(queue, State.DEGRADED);
    monitoring.watch(read.folder());
    monitoring.start();
    return service;
  }

  private EncodedVideo video() throws IOException {
    return VideoFile.read(
        TestVideo.motion("libopenh264", 15, 1, 3).write(temporary.resolve("camera.mp4")));
  }
}
