package org.shvideo.capture.stream;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.shvideo.capture.connection.Endpoint;

/**
 * The address of a camera's stream: {@code rtsp://}, {@code rtsps://}, {@code http://}, {@code
 * https://}, or the path of a file. Immutable.
 *
 * <p>User and password may contain special characters as they are ({@code rtsp://me:p@ss@cam/live})
 * or percent-encoded; a password with both an at-sign and a slash must be encoded, because it is
 * ambiguous otherwise. Only FFmpeg gets to see them: {@link #toString} and all messages use {@link
 * #masked()}, which hides the password, and anything that looks like a credential in the path or
 * the query, where some cameras want it.
 */
public final class CameraUrl {
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://(.*)");
  private static final Pattern AUTHORITY =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[^\\s:/?#@\\[\\]]+)(?::(\\d{1,5}))?");
  private static final Pattern ENCODED = Pattern.compile("%[0-9A-Fa-f]{2}");
  private static final String UNRESERVED = "-._~!$&'()*+,;=";
  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "(?i)((?:user|usr|login|account|pass|pwd|psw|token|key|auth|secret|sign)[a-z_]*=)"
              + "[^&;/?#]*");
  private static final String HIDDEN = "***";
  private static final String ACCEPTED_FORMS =
      "must begin with rtsp://, rtsps://, http:// or https://, or be the path of a file";

  private enum Kind {
    RTSP,
    HTTP,
    FILE
  }

  private final Kind kind;
  private final String address;
  private final String masked;
  private final Endpoint endpoint; // null for a file
  private final String pathOnHost;

  private CameraUrl(
      Kind kind, String address, String masked, Endpoint endpoint, String pathOnHost) {
    this.kind = kind;
    this.address = address;
    this.masked = masked;
    this.endpoint = endpoint;
    this.pathOnHost = pathOnHost;
  }

  /**
   * Parses what a user wrote.
   *
   * @throws IllegalArgumentException with a message that says what is wrong without repeating it
   */
  public static CameraUrl parse(String text) {
    String stripped = text.strip();
    if (stripped.isEmpty()) {
      throw new IllegalArgumentException("is empty: it " + ACCEPTED_FORMS);
    }
    Matcher matcher = SCHEME.matcher(stripped);
    if (!matcher.matches()) {
      return file(stripped);
    }
    String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "rtsp", "rtsps" -> network(Kind.RTSP, scheme, matcher.group(2));
      case "http", "https" -> network(Kind.HTTP, scheme, matcher.group(2));
      case "file" -> file(stripped);
      default ->
          throw new IllegalArgumentException(
              ACCEPTED_FORMS + "; " + scheme + ":// is not supported");
    };
  }

  private static CameraUrl file(String text) {
    // An address without its scheme must not become a file name that messages show.
    if (text.contains("@") && text.contains(":") && !text.matches("(?s)(file:|[/.]).*")) {
      throw new IllegalArgumentException(ACCEPTED_FORMS);
    }
    try {
      Path path =
          text.startsWith("file://")
              ? Path.of(URI.create(text))
              : Path.of(text.replaceFirst("^file:", ""));
      Path absolute = path.toAbsolutePath().normalize();
      String shown = path.toString();
      return new CameraUrl(Kind.FILE, absolute.toString(), shown, null, shown);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("is not a path of this system", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("is not a usable file:// address", e);
    }
  }

  private static CameraUrl network(Kind kind, String scheme, String rest) {
    if (rest.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new IllegalArgumentException("contains spaces: write a space as %20");
    }
    int host = startOfHost(rest);
    int end = endOfAuthority(rest, host);
    String authority = rest.substring(host, end);
    String tail = rest.substring(end);
    Matcher parts = AUTHORITY.matcher(authority);
    if (!parts.matches()) {
      throw new IllegalArgumentException("has no host name after " + scheme + "://");
    }
    if (parts.group(2) != null && Integer.parseInt(parts.group(2)) > 65_535) {
      throw new IllegalArgumentException("has a port above 65535");
    }
    String pathOnHost = tail.isEmpty() ? "/" : hide(tail);
    String login = "";
    String shownLogin = "";
    if (host > 0) {
      String typed = rest.substring(0, host - 1);
      int colon = typed.indexOf(':');
      String user = colon < 0 ? "" : encode(typed.substring(0, colon)) + ":";
      login = user + encode(typed.substring(colon + 1)) + "@";
      shownLogin = user + "***@";
    }
    String address = scheme + "://" + login + authority + tail;
    String shown =
        scheme
            + "://"
            + (pathOnHost.startsWith(HIDDEN) ? pathOnHost : shownLogin + authority + hide(tail));
    return new CameraUrl(kind, address, shown, Endpoint.of(address), pathOnHost);
  }

  /** Text before an at-sign may belong to a password with a slash: it is hidden as well. */
  private static String hide(String tail) {
    int at = tail.lastIndexOf('@');
    String hidden = at < 0 ? tail : HIDDEN + tail.substring(at);
    return CREDENTIAL.matcher(hidden).replaceAll("$1" + HIDDEN);
  }

  /** Index of the host: after the first {@code @} that is followed by a valid host, if any. */
  private static int startOfHost(String rest) {
    if (AUTHORITY.matcher(rest.substring(0, endOfAuthority(rest, 0))).matches()) {
      return 0;
    }
    for (int at = rest.indexOf('@'); at >= 0; at = rest.indexOf('@', at + 1)) {
      if (AUTHORITY.matcher(rest.substring(at + 1, endOfAuthority(rest, at + 1))).matches()) {
        return at + 1;
      }
    }
    throw new IllegalArgumentException(
        "has no valid host name; percent-encode special characters in the password,"
            + " such as %2F for /");
  }

  private static int endOfAuthority(String rest, int from) {
    int end = from;
    while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  /** Percent-encodes everything that is neither unreserved nor percent-encoded already. */
  private static String encode(String text) {
    StringBuilder out = new StringBuilder();
    Matcher encoded = ENCODED.matcher(text);
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (c == '%' && encoded.region(i, text.length()).lookingAt()) {
        next = encoded.end();
        out.append(text, i, next);
      } else if (c < 128 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
        out.appendCodePoint(c);
      } else {
        for (byte b : text.substring(i, next).getBytes(StandardCharsets.UTF_8)) {
          out.append("%%%02X".formatted(b));
        }
      }
      i = next;
    }
    return out.toString();
  }

  /** The address without secrets, for messages. */
  public String masked() {
    return masked;
  }

  /** Whether it is a file, which ends, and is played at its own rate. */
  public boolean isFile() {
    return kind == Kind.FILE;
  }

  boolean isRtsp() {
    return kind == Kind.RTSP;
  }

  boolean isHttp() {
    return kind == Kind.HTTP;
  }

  /** Whether it is {@code rtsps://} or {@code https://}. */
  public boolean isEncrypted() {
    return !isFile() && endpoint.isEncrypted();
  }

  /** Not of a file. With credentials. */
  Endpoint endpoint() {
    return endpoint;
  }

  /** The host's name or address; empty for a file. */
  public String host() {
    return isFile() ? "" : endpoint.host();
  }

  /** The path and query on the host, or the file's path, without secrets. */
  String pathOnHost() {
    return pathOnHost;
  }

  /** For FFmpeg only: with percent-encoded credentials; the absolute path of a file. */
  String address() {
    return address;
  }

  @Override
  public String toString() {
    return masked;
  }
}
