package org.shvideo.tasks.settings;

import ch.qos.logback.classic.Level;
import org.slf4j.LoggerFactory;

/** How much our own code logs; libraries always keep to warnings. */
public enum LogLevel {
  DEBUG,
  INFO,
  WARNING,
  ERROR,
  CRITICAL;

  public static final Setting<LogLevel> SETTING =
      Setting.choice(
          "LOGLEVEL", INFO, "How much is logged: debug, info, warning, error or critical.");

  /** Sets the level of this process; does nothing where another logger than Logback is used. */
  public void apply() {
    if (LoggerFactory.getLogger("org.shvideo") instanceof ch.qos.logback.classic.Logger ours) {
      ours.setLevel(
          switch (this) {
            case DEBUG -> Level.DEBUG;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case ERROR, CRITICAL -> Level.ERROR; // nothing we log is worse than an error
          });
    }
  }
}
