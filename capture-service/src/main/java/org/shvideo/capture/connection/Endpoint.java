package org.shvideo.capture.connection;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server, and what it is asked for. Immutable.
 *
 * @param login user and password, percent-encoded; null without
 * @param host name or address, without the brackets of IPv6
 * @param target path and query
 */
public record Endpoint(String scheme, String login, String host, int port, String target) {
  private static final Pattern URL =
      Pattern.compile(
          "(?is)(rtsps?|https?)://(?:([^@/?#]*)@)?(\\[[^\\]]+]|[^:/?#\\[\\]@]+)(?::(\\d{1,5}))?"
              + "([/?][^#]*)?(?:#.*)?");
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Map<String, Integer> PORTS =
      Map.of("rtsp", 554, "rtsps", 322, "http", 80, "https", 443);

  /**
   * Parses a URL.
   *
   * @throws IllegalArgumentException if it is none of RTSP or HTTP; the message does not repeat it
   */
  public static Endpoint of(String url) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException("no URL of RTSP or HTTP");
    }
    String scheme = parts.group(1).toLowerCase(Locale.ROOT);
    int port = parts.group(4) == null ? PORTS.get(scheme) : Integer.parseInt(parts.group(4));
    String rest = parts.group(5) == null ? "" : parts.group(5);
    String target = rest.startsWith("/") ? rest : "/" + rest;
    String host = parts.group(3).replaceAll("[\\[\\]]", "");
    return new Endpoint(scheme, parts.group(2), host, port, target);
  }

  public boolean isEncrypted() {
    return scheme.endsWith("s");
  }

  /** Host and port, as in the header {@code Host}. */
  public String authority() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return PORTS.get(scheme) == port ? name : name + ":" + port;
  }

  /** Whether a URL leads to the same port of the same host, by the same protocol. */
  public boolean isServerOf(Endpoint other) {
    return scheme.equals(other.scheme) && host.equalsIgnoreCase(other.host) && port == other.port;
  }

  /** Whether a name or address is that of this host. Another name is not looked up. */
  public boolean hasAddress(String name) {
    if (!ADDRESS.matcher(name).matches()) {
      return name.equalsIgnoreCase(host);
    }
    try {
      return List.of(InetAddress.getAllByName(host)).contains(InetAddress.getByName(name));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /**
   * Where a redirection leads, with the same login if it stays on this server.
   *
   * @param location an absolute URL or a path
   * @throws IllegalArgumentException as of {@link #of}
   */
  Endpoint redirected(String location) {
    if (location.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*:.*")) {
      Endpoint other = of(location);
      return isServerOf(other) ? withTarget(other.target) : other;
    }
    if (location.startsWith("//")) {
      return redirected(scheme + ":" + location);
    }
    String folder = target.replaceFirst("\\?.*", "").replaceFirst("[^/]*$", "");
    return withTarget(location.startsWith("/") ? location : folder + location);
  }

  private Endpoint withTarget(String other) {
    return new Endpoint(scheme, login, host, port, other);
  }
}
