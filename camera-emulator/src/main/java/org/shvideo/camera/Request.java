package org.shvideo.camera;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The head of a request of HTTP or RTSP.
 *
 * @param uri as sent, absolute or not
 * @param headers by name, ignoring case
 */
public record Request(String method, String uri, Map<String, String> headers) {
  private static final int MAX_BYTES = 16_384;

  /**
   * Reads one request; a body is skipped.
   *
   * @throws EOFException if the client has closed the connection
   * @throws ProtocolException if this is not a request
   */
  public static Request read(InputStream in) throws IOException {
    String[] lines = head(in).split("\r?\n", -1);
    String[] first = lines[0].split(" ", -1);
    if (first.length != 3) {
      throw new ProtocolException("malformed request line");
    }
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : Arrays.asList(lines).subList(1, lines.length)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    Request request = new Request(first[0], first[1], Collections.unmodifiableMap(headers));
    in.skipNBytes(request.header("Content-Length").map(Request::length).orElse(0));
    return request;
  }

  /** Everything up to the first empty line. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int newlines = 0; newlines < 2; ) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("connection closed by the client");
      }
      if (head.append((char) b).length() > MAX_BYTES) {
        throw new ProtocolException("request of more than " + MAX_BYTES + " bytes");
      }
      if (b == '\n') {
        newlines++;
      } else if (b != '\r') {
        newlines = 0;
      }
    }
    return head.toString();
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

  /** The path and query of the URI. */
  public String path() {
    int scheme = uri.indexOf("://");
    if (scheme < 0) {
      return uri;
    }
    int slash = uri.indexOf('/', scheme + 3);
    return slash < 0 ? "/" : uri.substring(slash);
  }
}
