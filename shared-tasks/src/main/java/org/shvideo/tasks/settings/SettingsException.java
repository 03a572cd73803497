package org.shvideo.tasks.settings;

import java.util.Collection;

/** Every problem found in the settings, one sentence each, by name and without secrets. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SettingsException(Collection<String> problems) {
    super("The settings cannot be used:\n  " + String.join("\n  ", problems));
  }
}
