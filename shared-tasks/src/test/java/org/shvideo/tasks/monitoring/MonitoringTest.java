package org.shvideo.tasks.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;

@Tag("server")
final class MonitoringTest {
  private final Monitoring monitoring = monitoringAt("127.0.0.1", 0);

  @AfterEach
  void close() {
    monitoring.close();
  }

  @Test
  void worstCheckDeterminesTheStatus() throws IOException {
    monitoring.health().add("camera gate", () -> CheckResult.ok("connected"));
    monitoring.start();
    assertThat(MonitoringClient.get(monitoring.port(), "/health").statusCode()).isEqualTo(200);
    assertThat(MonitoringClient.health(monitoring.port()).worst()).isEqualTo("ok");

    monitoring.health().add("camera shed", () -> CheckResult.degraded("away"));
    assertThat(MonitoringClient.health(monitoring.port()).status()).isEqualTo(200);
    assertThat(MonitoringClient.health(monitoring.port()).worst()).isEqualTo("degraded");

    monitoring.health().add("disk", () -> CheckResult.failed("no room: delete \"clips\""));
    monitoring.health().add("more", () -> CheckResult.ok("fine"));
    HttpResponse<String> answer = MonitoringClient.get(monitoring.port(), "/health");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"status\":\"failed\",\"checks\":["
                + "{\"name\":\"camera gate\",\"status\":\"ok\",\"message\":\"connected\"},"
                + "{\"name\":\"camera shed\",\"status\":\"degraded\",\"message\":\"away\"},"
                + "{\"name\":\"disk\",\"status\":\"failed\","
                + "\"message\":\"no room: delete \\\"clips\\\"\"},"
                + "{\"name\":\"more\",\"status\":\"ok\",\"message\":\"fine\"}]}\n");
  }

  @Test
  void checkThatThrowsFailsAlone() throws IOException {
    monitoring
        .health()
        .add(
            "odd",
            () -> {
              throw new IllegalStateException("oops");
            });
    monitoring.health().add("sound", () -> CheckResult.ok("fine"));
    monitoring.start();

    MonitoringClient.HealthReport told = MonitoringClient.health(monitoring.port());
    assertThat(told.status()).isEqualTo(503);
    assertThat(told.check("odd")).contains("failed", "oops");
    assertThat(told.check("sound")).isEqualTo("ok: fine");
  }

  @Test
  void rejectsOtherPathsAndMethods() throws IOException {
    monitoring.start();
    assertThat(MonitoringClient.get(monitoring.port(), "/").statusCode()).isEqualTo(404);
    assertThat(MonitoringClient.get(monitoring.port(), "/healthy").statusCode()).isEqualTo(404);
    HttpRequest.Builder post =
        HttpRequest.newBuilder(MonitoringClient.uri(monitoring.port(), "/health"))
            .POST(HttpRequest.BodyPublishers.noBody());
    assertThat(MonitoringClient.send(post).statusCode()).isEqualTo(405);
    HttpRequest.Builder head =
        HttpRequest.newBuilder(MonitoringClient.uri(monitoring.port(), "/health"))
            .method("HEAD", HttpRequest.BodyPublishers.noBody());
    assertThat(MonitoringClient.send(head).statusCode()).isEqualTo(200);
  }

  @Test
  void portInUseIsReportedWithASolution() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Monitoring second = monitoringAt("127.0.0.1", other.getLocalPort())) {
      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("METRICS_PORT " + other.getLocalPort())
          .hasMessageContaining("another program")
          .hasMessageContaining("Set METRICS_PORT");
    }
  }

  @Test
  void addressOfAnotherMachineIsReportedWithASolution() {
    try (Monitoring nowhere = monitoringAt("no such host", 0)) {
      assertThatThrownBy(nowhere::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("METRICS_HOST no such host")
          .hasMessageContaining("127.0.0.1");
    }
    try (Monitoring elsewhere = monitoringAt("192.0.2.1", 0)) {
      assertThatThrownBy(elsewhere::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("METRICS_HOST");
    }
  }

  @Test
  void withoutAPortNothingIsServedAndNoThreadRuns() throws IOException {
    Set<Thread> ofOtherTests = Thread.getAllStackTraces().keySet();
    try (Monitoring off = new Monitoring(MonitoringSettings.from(Settings.of(Map.of())))) {
      off.start();
      Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
      threads.removeAll(ofOtherTests);
      assertThat(threads)
          .extracting(Thread::getName)
          .noneMatch(name -> name.startsWith("monitoring-"));
    }
  }

  @Test
  void listensOnThisMachineOnlyByDefault() {
    MonitoringSettings settings =
        MonitoringSettings.from(Settings.of(Map.of("METRICS_PORT", "9464")));
    assertThat(settings).isEqualTo(new MonitoringSettings("127.0.0.1", OptionalInt.of(9464)));

    Settings wrong = Settings.of(Map.of("METRICS_PORT", "70000"));
    assertThat(MonitoringSettings.from(wrong).port()).isEmpty();
    assertThatThrownBy(wrong::check)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("METRICS_PORT must be a whole number from 0 to 65535");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET /health HT", "GET /health HTTP/1.1\r\nHost: here\r\n"})
  void slowClientsDoNotBlockOthers(String sent) throws Exception {
    monitoring.health().add("camera", () -> CheckResult.ok("connected"));
    monitoring.start();
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 150; i++) {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), monitoring.port());
        client.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
        slow.add(client);
      }

      assertThat(MonitoringClient.health(monitoring.port()).worst()).isEqualTo("ok");
    } finally {
      for (Socket client : slow) {
        client.close();
      }
    }
  }

  @Test
  void closeDoesNotWaitForHangingChecks() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    monitoring
        .health()
        .add(
            "hung disk",
            () -> {
              asked.countDown();
              boolean ended = false;
              while (!ended) {
                try {
                  never.await();
                  ended = true;
                } catch (InterruptedException e) {
                  // ignored, as a hanging disk would
                }
              }
              return CheckResult.ok("late");
            });
    monitoring.start();
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), monitoring.port())) {
      client
          .getOutputStream()
          .write("GET /health HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      asked.await();

      long start = System.nanoTime();
      monitoring.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    } finally {
      never.countDown();
    }
  }

  private static Monitoring monitoringAt(String host, int port) {
    return new Monitoring(new MonitoringSettings(host, OptionalInt.of(port)));
  }
}
