package org.shvideo.capture.stream;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.shvideo.capture.connection.Endpoint;

/**
 * What a camera's response to one request says that FFmpeg does not tell. Each call makes a
 * connection of its own, and sends no credentials.
 */
public final class ResponseHeaders {
  private static final int MAX_LINES = 100;

  private ResponseHeaders() {}

  /**
   * The camera's clock minus ours, to the second, from the {@code Date} header.
   *
   * @param timeout for connecting, and for each line of the response
   * @param clock ours
   * @return empty if there is no valid header, and for encrypted protocols and files
   */
  public static Optional<Duration> clockOffset(CameraUrl url, Duration timeout, Clock clock) {
    String request =
        url.isRtsp() ? "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n" : "HEAD / HTTP/1.0\r\nHost: camera\r\n";
    for (String line : of(url, timeout, request)) {
      if (line.regionMatches(true, 0, "Date:", 0, 5)) {
        try {
          var time =
              ZonedDateTime.parse(line.substring(5).strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
          return Optional.of(Duration.between(clock.instant(), time.toInstant()));
        } catch (DateTimeException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Whether FFmpeg cannot answer the camera's request for a login: it takes the last digest
   * offered, and knows MD5 alone.
   *
   * @param timeout as above
   * @return false if the camera does not answer, and for other protocols than {@code rtsp}
   */
  static boolean askForShaLogin(CameraUrl url, Duration timeout) {
    Endpoint camera = url.endpoint();
    String request =
        "DESCRIBE rtsp://%s%s RTSP/1.0\r\nCSeq: 1\r\n"
            .formatted(camera.authority(), camera.target());
    boolean sha = false;
    for (String line : of(url, timeout, request)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.matches("www-authenticate:\\s*digest .*")) {
        sha = lower.matches(".*algorithm\\s*=\\s*\"?sha-.*");
      }
    }
    return sha;
  }

  /**
   * The lines before the first empty one, as far as they came; whoever opens the stream says why.
   */
  private static List<String> of(CameraUrl url, Duration timeout, String request) {
    List<String> lines = new ArrayList<>();
    if (url.isFile() || url.isEncrypted()) {
      return lines;
    }
    try (Socket socket = new Socket()) {
      Endpoint camera = url.endpoint();
      int millis = (int) timeout.toMillis();
      socket.setSoTimeout(millis);
      socket.connect(new InetSocketAddress(camera.host(), camera.port()), millis);
      socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.US_ASCII));
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      String line = in.readLine();
      while (line != null && !line.isEmpty() && lines.size() < MAX_LINES) {
        lines.add(line);
        line = in.readLine();
      }
    } catch (IOException e) {
      return lines;
    }
    return lines;
  }
}
