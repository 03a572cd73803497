package org.shvideo.tasks.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.regex.Pattern;
import org.shvideo.tasks.settings.Masking;

/**
 * A line as the prototype's, without credentials: {@code 2026-02-25 12:50:29,946 - INFO -
 * capture.clip - [front-door] message}. In brackets stand the camera and the job that the thread
 * works for. Thread-safe.
 */
public final class LogLayout extends LayoutBase<ILoggingEvent> {
  private static final Pattern CONTROL =
      Pattern.compile("[\\p{Cntrl}\\x80-\\x9f\\p{Cf}\\u2028\\u2029&&[^\\t]]");
  private static final Pattern LINE_BREAK = Pattern.compile("\\R(?=.)");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss,SSS");
  private static final String PRODUCT = "org.shvideo.";
  private static final Pattern JOB_ID =
      Pattern.compile(
          "\\b(\\p{XDigit}{8})-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}\\b");

  private volatile boolean shortIds;

  /** Whether only the start of job ids is written; set in the notebooks' {@code logback.xml}. */
  public void setShortIds(boolean wanted) {
    shortIds = wanted;
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    var line = new StringBuilder(160);
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()).atZone(ZoneId.systemDefault()), line);
    line.append(" - ").append(event.getLevel() == Level.WARN ? "WARNING" : event.getLevel());
    line.append(" - ").append(source(event.getLoggerName())).append(" - ");
    appendContext(event.getMDCPropertyMap(), line);
    line.append(printable(Masking.mask(event.getFormattedMessage())));
    line.append(System.lineSeparator());
    if (event.getThrowableProxy() != null) {
      // Indented, so that no text from outside looks like a message.
      String trace = Masking.mask(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      line.append("  ").append(LINE_BREAK.matcher(trace).replaceAll("$0  "));
    }
    return shortIds ? JOB_ID.matcher(line).replaceAll("$1") : line.toString();
  }

  /** Of our own classes the package, which says which part of the product speaks. */
  private static String source(String logger) {
    int end = logger.lastIndexOf('.');
    return logger.startsWith(PRODUCT) && end > PRODUCT.length()
        ? logger.substring(PRODUCT.length(), end)
        : logger;
  }

  private static void appendContext(Map<String, String> context, StringBuilder line) {
    String camera = context.getOrDefault("camera", "");
    String job = context.getOrDefault("job", "");
    String both = (camera + " " + job).strip();
    if (!both.isEmpty()) {
      line.append('[').append(printable(both)).append("] ");
    }
  }

  /**
   * A name or id that came from outside must not steer the terminal that shows it, nor begin a line
   * of its own.
   */
  private static String printable(String text) {
    return CONTROL
        .matcher(text)
        .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
  }
}
