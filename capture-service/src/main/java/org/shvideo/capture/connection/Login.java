package org.shvideo.capture.connection;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers to a server's request for a login: digest (RFC 7616), or basic (RFC 7617). */
record Login(String user, String password) {
  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");
  private static final List<String> ALGORITHMS = List.of("SHA-256", "SHA-512-256", "MD5");

  /** Of a URL: percent-encoded, with a colon between user and password. */
  static Login of(String encoded) {
    String[] parts = encoded.split(":", 2);
    return new Login(decode(parts[0]), parts.length < 2 ? "" : decode(parts[1]));
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /**
   * The value of the header {@code Authorization}.
   *
   * @param challenges values of {@code WWW-Authenticate}
   * @return by the strongest digest that is offered, else basic; null if neither is
   */
  String answer(List<String> challenges, String method, String target) {
    List<Map<String, String>> digests = new ArrayList<>();
    boolean basic = false;
    for (String challenge : challenges) {
      String lower = challenge.toLowerCase(Locale.ROOT);
      if (lower.startsWith("digest")) {
        digests.add(parameters(challenge));
      }
      basic |= lower.startsWith("basic");
    }
    for (String algorithm : ALGORITHMS) {
      for (Map<String, String> digest : digests) {
        String asked = digest.getOrDefault("algorithm", "MD5").toUpperCase(Locale.ROOT);
        if (asked.equals(algorithm) || asked.equals(algorithm + "-SESS")) {
          return digest(digest, algorithm, asked.endsWith("-SESS"), method, target);
        }
      }
    }
    byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return basic ? "Basic " + Base64.getEncoder().encodeToString(both) : null;
  }

  private static Map<String, String> parameters(String challenge) {
    Map<String, String> found = new HashMap<>();
    Matcher matcher = PARAMETER.matcher(challenge);
    while (matcher.find()) {
      String value = matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
      found.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), value);
    }
    return found;
  }

  private String digest(
      Map<String, String> asked, String algorithm, boolean session, String method, String target) {
    String realm = asked.getOrDefault("realm", "");
    String nonce = asked.getOrDefault("nonce", "");
    boolean quality = List.of(asked.getOrDefault("qop", "").split("[, ]+")).contains("auth");
    String own = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    String secret = hash(algorithm, user + ":" + realm + ":" + password);
    if (session) {
      secret = hash(algorithm, secret + ":" + nonce + ":" + own);
    }
    String request = hash(algorithm, method + ":" + target);
    String middle = quality ? nonce + ":00000001:" + own + ":auth" : nonce;
    String answer =
        "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\""
            .formatted(
                user.replaceAll("([\"\\\\])", "\\\\$1"),
                realm,
                nonce,
                target,
                hash(algorithm, secret + ":" + middle + ":" + request));
    if (asked.containsKey("algorithm")) {
      answer += ", algorithm=" + asked.get("algorithm");
    }
    if (asked.containsKey("opaque")) {
      answer += ", opaque=\"" + asked.get("opaque") + "\"";
    }
    if (quality) {
      answer += ", qop=auth, nc=00000001";
    }
    return quality || session ? answer + ", cnonce=\"" + own + "\"" : answer;
  }

  private static String hash(String algorithm, String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm.replace("512-", "512/"));
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has them
    }
  }
}
