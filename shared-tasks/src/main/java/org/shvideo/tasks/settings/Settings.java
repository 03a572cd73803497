package org.shvideo.tasks.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Reads {@link Setting}s from an environment. A value that cannot be used is noted and its default
 * stands in, so that {@link #check} can report every problem at once. Quotes around a value are
 * stripped, because compose passes those of an env file on while a shell does not; an empty value
 * counts as not set. The one place that reads the process' environment. Not thread-safe: settings
 * are read once, when a service starts.
 *
 * <p>{@linkplain #forCamera Seen for one camera}, {@code <SETTING>_<NAME>} takes precedence over
 * {@code <SETTING>}.
 */
public final class Settings {
  private final Map<String, String> environment;
  private final Set<String> problems;

  /** Of the variables of one camera; empty for none. */
  private final String suffix;

  private Settings(Map<String, String> environment) {
    this(Map.copyOf(environment), new LinkedHashSet<>(), "");
  }

  private Settings(Map<String, String> environment, Set<String> problems, String suffix) {
    this.environment = environment;
    this.problems = problems;
    this.suffix = suffix;
  }

  public static Settings ofProcess() {
    return new Settings(System.getenv());
  }

  public static Settings of(Map<String, String> environment) {
    return new Settings(environment);
  }

  /** These settings with some replaced or added; problems noted so far stay here. */
  public Settings with(Map<String, String> overrides) {
    Map<String, String> together = new HashMap<>(environment);
    together.putAll(overrides);
    return new Settings(together);
  }

  /**
   * The settings as one camera sees them: {@code MOTION_FPS_FRONT_DOOR}, if it is set, is the
   * {@code MOTION_FPS} of the camera {@code front-door}. Problems are noted in these settings too.
   */
  public Settings forCamera(String name) {
    return new Settings(environment, problems, suffix(name));
  }

  /** What the name of a variable for one camera ends with: {@code _FRONT_DOOR}. */
  public static String suffix(String camera) {
    return "_" + camera.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** The variable that gives the setting its value: the camera's own or the common one. */
  public String variable(Setting<?> setting) {
    return isSet(setting, suffix) ? setting.name() + suffix : setting.name();
  }

  /** Whether the setting has a value for all cameras. */
  public boolean isSet(Setting<?> setting) {
    return isSet(setting, "");
  }

  private boolean isSet(Setting<?> setting, String ofCamera) {
    return setting.variables(ofCamera).stream().anyMatch(this::isSet);
  }

  /** All variables, for the environment of a process that is started with these settings. */
  public Map<String, String> environment() {
    return environment;
  }

  /** These settings, with a value for one that is not set. */
  public Settings withDefault(Setting<?> setting, Object value) {
    return isSet(setting.name()) ? this : with(Map.of(setting.name(), value.toString()));
  }

  /**
   * A part of the settings, such as {@code QueueSettings::from}; throws what {@link #check} does.
   */
  public <T> T read(Function<Settings, T> part) {
    T read = part.apply(this);
    check();
    return read;
  }

  /** Whether the variable has a value that is not empty. */
  public boolean isSet(String name) {
    return !value(name).isEmpty();
  }

  /** The setting's value, or its default's where it is not set or cannot be used. */
  public <T> T get(Setting<T> setting) {
    String variable = variable(setting);
    String text = value(variable);
    if (!text.isEmpty()) {
      try {
        return setting.parser().apply(text);
      } catch (IllegalArgumentException e) {
        problem(variable, "must be " + e.getMessage() + ", not \"" + Masking.mask(text) + "\"");
      }
    }
    return setting.parser().apply(setting.fallback());
  }

  /** The setting's value or default as it is written, without credentials. */
  public String text(Setting<?> setting) {
    String text = value(variable(setting));
    return text.isEmpty() ? setting.fallback() : Masking.mask(text);
  }

  /**
   * A secret's value: {@code NAME}, or the first line of the file that {@code NAME_FILE} names.
   * Both together, or a file without a secret, are a problem.
   */
  public Secret getSecret(Setting<Secret> setting) {
    String variable = variable(setting);
    String direct = value(variable);
    String fileSetting = variable + "_FILE";
    String file = value(fileSetting);
    if (file.isEmpty()) {
      return new Secret(direct);
    }
    if (!direct.isEmpty()) {
      problem(fileSetting, "and " + variable + " are both set: leave one of them out");
    }
    try (var lines = Files.lines(Path.of(file))) {
      String secret = lines.findFirst().orElse("").strip();
      if (secret.isEmpty()) {
        problem(fileSetting, "names a file whose first line is empty: " + file);
      }
      return new Secret(secret);
    } catch (IOException | RuntimeException e) {
      problem(fileSetting, "names a file that cannot be read: " + file);
      return Secret.NONE;
    }
  }

  /** All set variables whose name is {@code prefix} plus something, by that something, sorted. */
  public SortedMap<String, String> withPrefix(String prefix) {
    SortedMap<String, String> found = new TreeMap<>();
    for (String name : environment.keySet()) {
      if (name.startsWith(prefix) && name.length() > prefix.length() && !value(name).isEmpty()) {
        found.put(name.substring(prefix.length()), value(name));
      }
    }
    return found;
  }

  /**
   * Notes a problem that the caller found, such as two settings that contradict each other.
   * Credentials of URLs are taken out of the sentence.
   */
  public void problem(String name, String sentence) {
    problems.add(name + " " + Masking.mask(sentence));
  }

  /** Throws a {@link SettingsException} that names every problem noted so far, if there is one. */
  public void check() {
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
  }

  private String value(String name) {
    String value = environment.getOrDefault(name, "").strip();
    if (value.length() >= 2) {
      char first = value.charAt(0);
      if ((first == '\'' || first == '"') && value.charAt(value.length() - 1) == first) {
        return value.substring(1, value.length() - 1).strip();
      }
    }
    return value;
  }
}
