package org.shvideo.capture.stream;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * Reads a camera's clock without a password, from the {@code Date} header of its response to an
 * {@code OPTIONS} or {@code HEAD} request.
 */
public final class DateHeader {
  private static final int MAX_LINES = 100;
  private static final int RTSP_PORT = 554;
  private static final int HTTP_PORT = 80;

  private DateHeader() {}

  /**
   * The camera's clock minus ours, to the second.
   *
   * @param timeout for connecting, and for each line of the response
   * @param clock ours
   * @return empty if there is no valid header, and for encrypted protocols and files
   */
  public static Optional<Duration> clockOffset(CameraUrl url, Duration timeout, Clock clock) {
    boolean rtsp = url.address().startsWith("rtsp://");
    if (!rtsp && !url.address().startsWith("http://")) {
      return Optional.empty();
    }
    try (Socket socket = new Socket()) {
      URI uri = URI.create(url.address());
      int port = uri.getPort() >= 0 ? uri.getPort() : rtsp ? RTSP_PORT : HTTP_PORT;
      socket.setSoTimeout((int) timeout.toMillis());
      socket.connect(
          new InetSocketAddress(uri.getHost().replaceAll("[\\[\\]]", ""), port),
          (int) timeout.toMillis());
      String request =
          rtsp ? "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n" : "HEAD / HTTP/1.0\r\nHost: camera\r\n";
      socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.US_ASCII));
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      for (int i = 0; i < MAX_LINES; i++) {
        String line = in.readLine();
        if (line == null || line.isEmpty()) {
          return Optional.empty();
        }
        if (line.regionMatches(true, 0, "Date:", 0, 5)) {
          var time =
              ZonedDateTime.parse(line.substring(5).strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
          return Optional.of(Duration.between(clock.instant(), time.toInstant()));
        }
      }
      return Optional.empty();
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      return Optional.empty(); // whether the camera responds is checked by opening its stream
    }
  }
}
