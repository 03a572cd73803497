package org.shvideo.tasks.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.settings.Settings;

@Tag("server")
final class QueueMonitorTest {
  @Test
  void reportsJobsByState() throws Exception {
    try (TestRedis redis = TestRedis.started();
        JobQueue queue = new JobQueue(redis.settings());
        Monitoring monitoring = monitoring(queue, State.FAILED)) {
      for (int i = 0; i < 4; i++) {
        queue.enqueue(Job.forFile("clip" + i + ".avi"));
      }
      assertThat(queue.take("worker", Duration.ZERO)).isPresent();
      Delivery failing = queue.take("worker", Duration.ZERO).orElseThrow();
      queue.retry(failing, "later", Duration.ofHours(1));
      queue.fail(queue.take("worker", Duration.ZERO).orElseThrow(), "never", "{}");

      PrometheusText read = MonitoringClient.metrics(monitoring.port());

      assertThat(read.value("shvideo_redis_up")).isEqualTo(1);
      assertThat(read.value("shvideo_queue_jobs", "state", "waiting")).isEqualTo(1);
      assertThat(read.value("shvideo_queue_jobs", "state", "started")).isEqualTo(1);
      assertThat(read.value("shvideo_queue_jobs", "state", "retrying")).isEqualTo(1);
      assertThat(read.value("shvideo_queue_dead_letters")).isEqualTo(1);
      assertThat(read.value("shvideo_queue_oldest_waiting_seconds")).isBetween(0.0, 60.0);
      assertThat(MonitoringClient.health(monitoring.port()).check("redis"))
          .isEqualTo("ok: Jobs: 1 waiting, 1 started, 1 to be retried, 1 failed");
    }
  }

  @Test
  void reportsAnOutageOfRedisAndItsEnd() throws Exception {
    try (TestRedis redis = TestRedis.started();
        JobQueue queue = new JobQueue(redis.settings());
        Monitoring monitoring = monitoring(queue, State.FAILED)) {
      assertThat(MonitoringClient.health(monitoring.port()).status()).isEqualTo(200);

      redis.stop();
      MonitoringClient.HealthReport away = await(monitoring, told -> told.status() == 503);
      assertThat(away.check("redis")).startsWith("failed: ").contains("" + redis.port());
      PrometheusText read = MonitoringClient.metrics(monitoring.port());
      assertThat(read.value("shvideo_redis_up")).isZero();
      assertThat(read.value("shvideo_queue_jobs", "state", "waiting")).isNaN();

      redis.start();
      assertThat(await(monitoring, told -> told.status() == 200).check("redis")).startsWith("ok");
    }
  }

  @Test
  void silentRedisDelaysRequestsBriefly() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        JobQueue queue = new JobQueue(at(silent.getLocalPort()));
        Monitoring monitoring = monitoring(queue, State.DEGRADED)) {
      long start = System.nanoTime();
      PrometheusText read = MonitoringClient.metrics(monitoring.port());
      MonitoringClient.HealthReport told = MonitoringClient.health(monitoring.port());

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(read.value("shvideo_redis_up")).isZero();
      assertThat(told.status()).isEqualTo(200);
      assertThat(told.check("redis")).startsWith("degraded: Redis does not respond");
    }
  }

  private static QueueSettings at(int port) {
    return QueueSettings.from(
        Settings.of(Map.of("RDS_HOST", "127.0.0.1", "RDS_PORT", Integer.toString(port))));
  }

  private static Monitoring monitoring(JobQueue queue, State unavailable) throws IOException {
    Monitoring monitoring = new Monitoring(new MonitoringSettings("127.0.0.1", OptionalInt.of(0)));
    monitoring.watch(queue, unavailable);
    monitoring.start();
    return monitoring;
  }

  private static MonitoringClient.HealthReport await(
      Monitoring monitoring, Predicate<MonitoringClient.HealthReport> wanted) throws Exception {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> MonitoringClient.health(monitoring.port()), wanted);
  }
}
