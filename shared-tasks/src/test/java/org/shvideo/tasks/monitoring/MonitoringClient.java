package org.shvideo.tasks.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.shvideo.tasks.json.Json;

/** What a service answers at a port of this machine, as a health check or Prometheus would ask. */
public final class MonitoringClient {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final HttpClient client =
      HttpClient.newBuilder().connectTimeout(PATIENCE).version(HttpClient.Version.HTTP_1_1).build();

  private MonitoringClient() {}

  /** Health, as it was told. */
  public record HealthReport(int status, JsonNode json) {
    /** One check's part. */
    public String check(String name) {
      for (JsonNode check : json.path("checks")) {
        if (check.path("name").asText().equals(name)) {
          return check.path("status").asText() + ": " + check.path("message").asText();
        }
      }
      throw new AssertionError("no check " + name + " in " + json);
    }

    public String worst() {
      return json.path("status").asText();
    }
  }

  public static HttpResponse<String> get(int port, String path) throws IOException {
    return send(HttpRequest.newBuilder(uri(port, path)).GET());
  }

  static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  public static HealthReport health(int port) throws IOException {
    HttpResponse<String> answer = get(port, "/health");
    return new HealthReport(answer.statusCode(), Json.read(answer.body(), JsonNode.class));
  }

  public static PrometheusText metrics(int port) throws IOException {
    return PrometheusText.parse(get(port, "/metrics").body());
  }
}
