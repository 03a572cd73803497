package org.shvideo.tasks.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.shvideo.tasks.settings.Setting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From which importance on the product logs, by the names that Python gives the levels. Libraries
 * log warnings and errors only. The rest is {@link LogConfiguration}'s; {@code
 * -Dlogback.configurationFile} names another configuration.
 */
public enum LogLevel {
  DEBUG,
  INFO,
  WARNING,
  ERROR,
  /** As {@link #ERROR}: nothing here is logged as more. */
  CRITICAL;

  public static final Setting<LogLevel> SETTING =
      Setting.choice("LOGLEVEL", DEBUG, "From which importance on messages are logged.");

  /**
   * Sets the level of this process; does nothing where the program that we run in, such as a
   * notebook, brought its own logging.
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
