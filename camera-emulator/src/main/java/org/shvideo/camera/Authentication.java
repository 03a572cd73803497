package org.shvideo.camera;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks the credentials of requests: none, or those of one user by the Basic or Digest scheme of
 * RFC 2617 (digest without {@code qop}, like most cameras). Immutable.
 */
public final class Authentication {
  public enum Scheme {
    BASIC,
    DIGEST
  }

  /** Requires no credentials. */
  static final Authentication NONE = new Authentication(Scheme.BASIC, "", "", "");

  private static final String REALM = "sh-video camera";

  private final Scheme scheme;
  private final String user;
  private final String password;
  private final String nonce;

  private Authentication(Scheme scheme, String user, String password, String nonce) {
    this.scheme = scheme;
    this.user = user;
    this.password = password;
    this.nonce = nonce;
  }

  /** Requires these credentials; the generator makes the nonce of digest authentication. */
  static Authentication of(Scheme scheme, String user, String password, RandomGenerator random) {
    byte[] nonce = new byte[16];
    random.nextBytes(nonce);
    return new Authentication(scheme, user, password, HexFormat.of().formatHex(nonce));
  }

  /** The user info of a URL, including the {@code @}; empty if no credentials are required. */
  String inUrl() {
    return this == NONE ? "" : encoded(user) + ":" + encoded(password) + "@";
  }

  private static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The {@code WWW-Authenticate} header of a 401 response. */
  String challenge() {
    return switch (scheme) {
      case BASIC -> "Basic realm=\"" + REALM + "\"";
      case DIGEST -> "Digest realm=\"" + REALM + "\", nonce=\"" + nonce + "\"";
    };
  }

  boolean admits(Request request) {
    if (this == NONE) {
      return true;
    }
    String given = request.header("Authorization").orElse("");
    return switch (scheme) {
      case BASIC -> same(given, "Basic " + base64(user + ":" + password));
      case DIGEST ->
          given.startsWith("Digest ")
              && same(field(given, "nonce"), nonce)
              && same(field(given, "response"), digest(request.method(), field(given, "uri")));
    };
  }

  private String digest(String method, String uri) {
    String login = md5(user + ":" + REALM + ":" + password);
    return md5(login + ":" + nonce + ":" + md5(method + ":" + uri));
  }

  private static String field(String header, String name) {
    Matcher matcher =
        Pattern.compile("\\b" + name + "=(?:\"([^\"]*)\"|([^\\s,]+))").matcher(header);
    if (!matcher.find()) {
      return "";
    }
    return matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
  }

  private static boolean same(String a, String b) {
    return MessageDigest.isEqual(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String md5(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("MD5 is missing", e);
    }
  }
}
