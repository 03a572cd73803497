package org.shvideo.camera;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The head of a request in the form that RTSP has from HTTP.
 *
 * @param uri as sent, absolute or not
 * @param headers by name in any case
 */
public record Request(String method, String uri, Map<String, String> headers) {
  private static final int MOST_BYTES = 16_384;

  public Request {
    Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(headers);
    headers = Collections.unmodifiableMap(copy);
  }

  /**
   * Reads one request; a body is skipped.
   *
   * @throws EOFException when the client has closed
   * @throws ProtocolException when this is no request
   */
  public static Request read(InputStream in) throws IOException {
    int[] left = {MOST_BYTES};
    String[] first = line(in, left).split(" ", -1);
    if (first.length != 3) {
      throw new ProtocolException("not a request");
    }
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(in, left); !line.isEmpty(); line = line(in, left)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    Request request = new Request(first[0], first[1], headers);
    in.skipNBytes(request.header("Content-Length").map(Request::length).orElse(0));
    return request;
  }

  private static String line(InputStream in, int[] left) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("closed by the client");
      }
      if (--left[0] < 0) {
        throw new ProtocolException("a request of more than " + MOST_BYTES + " bytes");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  private static int length(String value) {
    try {
      return Integer.parseUnsignedInt(value);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** The URI without scheme and host: path and query as sent. */
  public String path() {
    int scheme = uri.indexOf("://");
    if (scheme < 0) {
      return uri;
    }
    int slash = uri.indexOf('/', scheme + 3);
    return slash < 0 ? "/" : uri.substring(slash);
  }

  /** Code and reason, as RTSP and HTTP have them in common. */
  public static String statusLine(int status) {
    String reason =
        switch (status) {
          case 200 -> "OK";
          case 400 -> "Bad Request";
          case 401 -> "Unauthorized";
          case 404 -> "Not Found";
          case 405 -> "Method Not Allowed";
          case 455 -> "Method Not Valid In This State";
          case 461 -> "Unsupported Transport";
          case 503 -> "Service Unavailable";
          default -> "As Asked For";
        };
    return status + " " + reason;
  }

  /** Bytes as they go over the wire. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
