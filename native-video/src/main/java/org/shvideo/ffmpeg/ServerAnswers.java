package org.shvideo.ffmpeg;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server answered while a URL was opened: FFmpeg says it in its log alone. Not thread-safe.
 */
public final class ServerAnswers {
  private static final Pattern RTSP = Pattern.compile("method ([A-Z_]+) failed: (\\d{3}) *(.*)");
  private static final Pattern HTTP = Pattern.compile("HTTP error (\\d{3}) *(.*)");
  private static final Pattern RECONNECT = Pattern.compile("Will reconnect at \\d+ in (\\d+) s");
  private static final Pattern RETRY_AFTER =
      Pattern.compile("(?im)(?:^|\\] )Retry-After: *([^\r\n]+)");
  private static final String DESCRIPTION = "SDP:";
  private static final int MAX_REASON = 60;

  private String method = "";
  private int status;
  private String reason = "";
  private String description = "";
  private Duration retryAfter;
  private boolean reconnects;

  ServerAnswers() {}

  /** Takes a line of FFmpeg's log. */
  void accept(String line) {
    Matcher rtsp = RTSP.matcher(line);
    Matcher http = HTTP.matcher(line);
    Matcher reconnect = RECONNECT.matcher(line);
    Matcher header = RETRY_AFTER.matcher(line);
    if (rtsp.find()) {
      refused(rtsp.group(1), rtsp.group(2), rtsp.group(3));
    } else if (http.find()) {
      refused("GET", http.group(1), http.group(2));
    } else if (reconnect.find()) {
      reconnects = true;
      retryAfter = seconds(reconnect.group(1));
    } else if (line.contains(DESCRIPTION)) {
      description = line.substring(line.indexOf(DESCRIPTION) + DESCRIPTION.length()).strip();
    } else if (status > 0 && header.find()) {
      retryAfter = seconds(header.group(1).strip());
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

  /** Whether FFmpeg would now wait and ask again. */
  boolean reconnects() {
    return reconnects;
  }
}
