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

/** Asks a capture service on this machine for its metrics. Thread-safe. */
final class CaptureMetrics {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Pattern OF_CAMERA =
      Pattern.compile("(\\w+)\\{(?:.*,)?camera=\"([^\"]*)\"[^}]*} (\\S+)");

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final HttpRequest question;

  CaptureMetrics(int port) {
    question =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
            .timeout(PATIENCE)
            .build();
  }

  /**
   * What each camera's metric is now, by the camera's name.
   *
   * @throws IOException when the service does not answer
   */
  Map<String, Double> ofCameras(String metric) throws IOException, InterruptedException {
    return ofCameras(metric, client.send(question, HttpResponse.BodyHandlers.ofString()).body());
  }

  /** All cameras' metric together; 0 where no camera has it. */
  double sum(String metric) throws IOException, InterruptedException {
    return ofCameras(metric).values().stream().mapToDouble(Double::doubleValue).sum();
  }

  static Map<String, Double> ofCameras(String metric, String text) {
    Map<String, Double> found = new TreeMap<>();
    text.lines()
        .map(OF_CAMERA::matcher)
        .filter(Matcher::matches)
        .filter(line -> line.group(1).equals(metric))
        .forEach(line -> found.put(line.group(2), Double.valueOf(line.group(3))));
    return found;
  }
}
