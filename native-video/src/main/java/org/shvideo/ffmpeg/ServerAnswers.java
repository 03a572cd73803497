package org.shvideo.ffmpeg;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server answered while a URL was opened: FFmpeg says it in its log alone. Not thread-safe.
 */
public final class ServerAnswers {
  private static final Pattern RTSP = Pattern.compile("method ([A-Z_]+) failed: (\\d{3}) *(.*)");
  private static final Pattern REDIRECTION =
      Pattern.compile("Status 3\\d\\d: Redirecting to (\\S*)");
  private static final Pattern SOURCE =
      Pattern.compile("(?i)line='Transport:.*;\\s*source=\"?([^;,\"'\\s]+)");
  private static final Pattern RETRY_AFTER =
      Pattern.compile("(?im)(?:^|\\] )Retry-After: *([^\r\n]+)");
  private static final String DESCRIPTION = "SDP:";
  private static final int MAX_REASON = 60;

  private String method = "";
  private int status;
  private String reason = "";
  private String description = "";
  private Duration retryAfter;
  private String forbidden = "";
  private final Predicate<String> mayContact;
  private final Runnable refused;

  /** Nothing. */
  ServerAnswers() {
    this(other -> false, () -> {});
  }

  ServerAnswers(Predicate<String> mayContact, Runnable refused) {
    this.mayContact = mayContact;
    this.refused = refused;
  }

  /**
   * The answer to a request that failed.
   *
   * @param method of the request
   * @param reason the server's words, which may hold anything
   * @param retryAfter the header of this name; empty without
   */
  public static ServerAnswers of(String method, int status, String reason, String retryAfter) {
    ServerAnswers answers = new ServerAnswers();
    answers.refused(method, Integer.toString(status), reason);
    answers.retryAfter = retryAfter.isEmpty() ? null : seconds(retryAfter);
    return answers;
  }

  /** Takes a line of FFmpeg's log. */
  void accept(String line) {
    Matcher rtsp = RTSP.matcher(line);
    Matcher redirection = REDIRECTION.matcher(line);
    Matcher source = SOURCE.matcher(line);
    Matcher header = RETRY_AFTER.matcher(line);
    if (rtsp.find()) {
      refused(rtsp.group(1), rtsp.group(2), rtsp.group(3));
    } else if (redirection.find()) {
      contact(redirection.group(1));
    } else if (source.find()) {
      contact(source.group(1));
    } else if (line.contains(DESCRIPTION)) {
      description = line.substring(line.indexOf(DESCRIPTION) + DESCRIPTION.length()).strip();
    } else if (status > 0 && header.find()) {
      retryAfter = seconds(header.group(1).strip());
    }
  }

  private void contact(String other) {
    if (forbidden.isEmpty() && !mayContact.test(other)) {
      forbidden = other;
      refused.run();
    }
  }

  private void refused(String by, String code, String words) {
    method = by;
    status = Integer.parseInt(code);
    String printable = words.replaceAll("[^\\x20-\\x7e]", "").strip();
    reason = printable.substring(0, Math.min(printable.length(), MAX_REASON));
    retryAfter = null;
  }

  /** Null for what is neither a number nor a date. */
  private static Duration seconds(String value) {
    try {
      return value.matches("\\d{1,9}")
          ? Duration.ofSeconds(Integer.parseInt(value))
          : Duration.between(
              Instant.now(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** The request that was refused last: {@code SETUP}, {@code GET} …; empty if none is known. */
  public String method() {
    return method;
  }

  /** The status of the last refusal; 0 if it is not known. FFmpeg keeps RTSP's 400 to itself. */
  public int status() {
    return status;
  }

  /** Status and the server's words, without what cannot be printed; empty if not known. */
  public String statusLine() {
    return status == 0 ? "" : (status + " " + reason).strip();
  }

  /** When to try again, as the server wishes; empty without a wish. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter).filter(wish -> !wish.isNegative() && !wish.isZero());
  }

  /** The session description (SDP), of which FFmpeg tells the first kilobyte; may be empty. */
  public String description() {
    return description;
  }

  /**
   * What FFmpeg was to turn to, and did not: a URL, or a host for datagrams; empty if nothing. May
   * hold anything.
   */
  public String forbidden() {
    return forbidden;
  }
}
