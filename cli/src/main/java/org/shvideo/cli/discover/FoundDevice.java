package org.shvideo.cli.discover;

import java.net.Inet4Address;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.shvideo.capture.connection.Endpoint;

/**
 * What answered a probe. Immutable, but for the notes.
 *
 * @param address from which it answered; nothing else is asked on its behalf
 * @param scopes URIs by which it describes itself
 * @param service its device service, at its address; null if it has none
 * @param notes what a user should know, to which more may be added by one thread
 */
record FoundDevice(
    Inet4Address address, List<String> scopes, Endpoint service, List<String> notes) {
  private static final String DEFAULT_SERVICE = "/onvif/device_service";
  private static final int MAX_TEXT = 80;
  private static final int MAX_URL = 1024;
  private static final int MAX_NOTES = 8;
  private static final int MAX_PORT = 65_535;

  /** Printable ASCII: a line break would become a header of its own. */
  private static final Pattern PRINTABLE = Pattern.compile("[!-~]+");

  /** At the usual path. */
  static Endpoint serviceAt(Inet4Address address, int port) {
    return new Endpoint("http", null, address.getHostAddress(), port, DEFAULT_SERVICE);
  }

  /** The first URL that leads to an address, or else the first at all, led there, with a note. */
  static Endpoint serviceOf(Inet4Address address, List<String> urls, List<String> notes) {
    String host = address.getHostAddress();
    Endpoint other = null;
    for (String url : urls) {
      Endpoint endpoint = endpoint(url);
      if (endpoint != null && endpoint.scheme().startsWith("http")) {
        if (endpoint.host().equals(host)) {
          return endpoint;
        }
        other = other == null ? endpoint : other;
      }
    }
    if (other == null) {
      return serviceAt(address, 80);
    }
    String note =
        "it calls itself %s; asked at %s, where it answered".formatted(clean(other.host()), host);
    if (!notes.contains(note)) {
      notes.add(note);
    }
    return new Endpoint(other.scheme(), null, host, other.port(), other.target());
  }

  /** A URL that a stranger named, without its login; null if it is none. */
  static Endpoint endpoint(String url) {
    if (url.length() > MAX_URL || !PRINTABLE.matcher(url).matches()) {
      return null;
    }
    try {
      Endpoint named = Endpoint.of(url);
      return named.port() < 1 || named.port() > MAX_PORT
          ? null
          : new Endpoint(named.scheme(), null, named.host(), named.port(), named.target());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  void note(String note) {
    if (notes.size() < MAX_NOTES && !notes.contains(note)) {
      notes.add(note);
    }
  }

  /** What a scope says: {@code name}, {@code hardware}, {@code location}; empty without. */
  String scope(String kind) {
    String prefix = "onvif://www.onvif.org/" + kind + "/";
    return scopes.stream()
        .filter(scope -> scope.toLowerCase(Locale.ROOT).startsWith(prefix))
        .map(scope -> clean(decode(scope.substring(prefix.length()))))
        .findFirst()
        .orElse("");
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /** A stranger's words for a terminal: no control characters, no change of direction, not long. */
  static String clean(String text) {
    String shown = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text;
    return shown.replaceAll("[\\p{Cntrl}\\p{C}\\u2028\\u2029]", "?").strip();
  }
}
