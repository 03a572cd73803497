package org.shvideo.lab.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the metrics of a capture service on this machine. Thread-safe. */
final class CaptureMetrics {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Pattern CAMERA_METRIC =
      Pattern.compile("(\\w+)\\{(?:.*,)?camera=\"([^\"]*)\"[^}]*} (\\S+)");

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final HttpRequest request;

  CaptureMetrics(int port) {
    request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
            .timeout(TIMEOUT)
            .build();
  }

  /** The current value by the name of the camera; throws when the service does not respond. */
  Map<String, Double> perCamera(String metric) throws IOException, InterruptedException {
    return perCamera(metric, client.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  /** The sum of a metric over all cameras; 0 if no camera has it. */
  double sum(String metric) throws IOException, InterruptedException {
    return perCamera(metric).values().stream().mapToDouble(Double::doubleValue).sum();
  }

  static Map<String, Double> perCamera(String metric, String text) {
    Map<String, Double> found = new TreeMap<>();
    text.lines()
        .map(CAMERA_METRIC::matcher)
        .filter(Matcher::matches)
        .filter(line -> line.group(1).equals(metric))
        .forEach(line -> found.put(line.group(2), Double.valueOf(line.group(3))));
    return found;
  }
}
