package org.shvideo.tasks.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.shvideo.tasks.settings.Setting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The minimum level that the product logs, with Python's names for the levels. Libraries log
 * warnings and errors only. {@link LogConfiguration} does the rest; {@code
 * -Dlogback.configurationFile} replaces it.
 */
public enum LogLevel {
  DEBUG,
  INFO,
  WARNING,
  ERROR,
  /** Like {@link #ERROR}: nothing is logged at a higher level. */
  CRITICAL;

  public static final Setting<LogLevel> SETTING =
      Setting.choice("LOGLEVEL", DEBUG, "Minimum level of the messages that are logged.");

  /**
   * Sets the level of this process; does nothing where the surrounding program, such as a notebook,
   * uses another logging library.
   */
  public void apply() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      Level own = level();
      context.getLogger("org.shvideo").setLevel(own);
      context
          .getLogger(Logger.ROOT_LOGGER_NAME)
          .setLevel(own.isGreaterOrEqual(Level.WARN) ? own : Level.WARN);
    }
  }

  private Level level() {
    return switch (this) {
      case DEBUG -> Level.DEBUG;
      case INFO -> Level.INFO;
      case WARNING -> Level.WARN;
      case ERROR, CRITICAL -> Level.ERROR;
    };
  }
}
