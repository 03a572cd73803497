package org.shvideo.capture.stream;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** Asks a camera how it wants a user to log in, which FFmpeg does not tell. */
final class LoginChallenge {
  private static final int MAX_LINES = 100;
  private static final int RTSP_PORT = 554;
  private static final int HTTP_PORT = 80;

  private LoginChallenge() {}

  /**
   * Whether FFmpeg cannot answer the camera: it takes the last digest offered, and knows MD5 alone.
   * Sends no credentials.
   *
   * @param timeout for connecting, and for each line of the response
   * @return false if the camera does not answer, and for encrypted protocols
   */
  static boolean isSha(CameraUrl url, Duration timeout) {
    boolean rtsp = url.address().startsWith("rtsp://");
    if (!rtsp && !url.address().startsWith("http://")) {
      return false;
    }
    try (Socket socket = new Socket()) {
      URI uri = URI.create(url.address());
      int port = uri.getPort() >= 0 ? uri.getPort() : rtsp ? RTSP_PORT : HTTP_PORT;
      int millis = (int) timeout.toMillis();
      socket.setSoTimeout(millis);
      socket.connect(new InetSocketAddress(uri.getHost().replaceAll("[\\[\\]]", ""), port), millis);
      String path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
      String request =
          rtsp
              ? "DESCRIBE rtsp://%s:%d%s RTSP/1.0\r\nCSeq: 1\r\n"
                  .formatted(uri.getHost(), port, path)
              : "GET %s HTTP/1.0\r\nHost: %s\r\n"
                  .formatted(path.isEmpty() ? "/" : path, uri.getHost());
      socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.US_ASCII));
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      boolean sha = false;
      for (int i = 0; i < MAX_LINES; i++) {
        String line = in.readLine();
        if (line == null || line.isEmpty()) {
          return sha;
        }
        String lower = line.toLowerCase(Locale.ROOT);
        if (lower.matches("www-authenticate:\\s*digest .*")) {
          sha = lower.matches(".*algorithm\\s*=\\s*\"?sha-.*");
        }
      }
      return false;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
