package org.shvideo.tasks.settings;

import java.util.regex.Pattern;

/** Takes credentials out of texts that are to be shown. */
public final class Masking {
  /**
   * What stands between {@code ://} and the last {@code @} before a space: a password may hold
   * {@code @}, {@code /} and quotes, though it should not. So a URL with a later {@code @} loses
   * more than its credentials, which is better than losing less. A URL that was taken for a path
   * has lost a slash.
   */
  private static final Pattern USER_INFO =
      Pattern.compile(
          "(?:(?<=://)|(?<=[a-z]{2}:/)(?!/))(?:(?!://)\\S)*@|(?<=%3A%2F%2F)(?:(?!%3A%2F%2F)\\S)*%40",
          Pattern.CASE_INSENSITIVE);

  /** As some cameras want them in the path or the query: {@code user=admin&password=secret}. */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "(?<![a-z])(pass(?:word|wd)?|pwd|psw|token|secret|auth)=[^&\\s\"'<>]+",
          Pattern.CASE_INSENSITIVE);

  private Masking() {}

  /**
   * The text with the credentials of every URL in it, plain or percent-encoded, replaced by {@code
   * ***}; null stays null.
   */
  public static String mask(String text) {
    if (text == null) {
      return null;
    }
    String masked = PARAMETER.matcher(text).replaceAll("$1=***");
    return USER_INFO
        .matcher(masked)
        .replaceAll(found -> found.group().endsWith("@") ? "***@" : "***%40");
  }
}
