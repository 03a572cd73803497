package org.shvideo.cli.pipeline;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.shvideo.tasks.settings.Settings;

/** Cameras as they are given on the command line. */
public final class CameraArguments {
  /** What stands before the first equals sign, unless that is in a URL or a path. */
  private static final Pattern NAMED = Pattern.compile("(?s)([^=:/\\\\?]*)=(.*)");

  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}][\\p{L}\\p{M}\\p{N}_ '\u2019.-]*");

  private static final Pattern WITHOUT_PASSWORD =
      Pattern.compile("(?is)((?:rtsps?|https?)://[^/?#@:]+)(@.*)");

  /** Set by the start script, which asks for the passwords: a line for each camera without one. */
  private static final String PASSWORDS = "SHVIDEO_PASSWORDS";

  private CameraArguments() {}

  /**
   * The environment with the cameras of the command line. Cameras whose URL has a user alone get
   * the passwords that were asked for, so that these stand in no list of processes.
   *
   * @throws UserException as {@link #toSettings}
   */
  public static Settings addTo(Settings environment, List<String> cameras) {
    String asked = environment.environment().getOrDefault(PASSWORDS, "");
    Iterator<String> passwords = asked.lines().iterator();
    Map<String, String> settings = toSettings(cameras);
    settings.replaceAll((name, url) -> withPassword(url, passwords));
    return environment.with(settings);
  }

  /** The first of the passwords that were asked for; null if none was. */
  public static String askedPassword(Settings environment) {
    String asked = environment.environment().get(PASSWORDS);
    return asked == null ? null : asked.lines().findFirst().orElse("");
  }

  /** Whether a variable of the environment may hold a camera's password. */
  static boolean isSecret(String variable) {
    return variable.startsWith("RTSP_URL")
        || variable.startsWith("DETECT_URL")
        || variable.startsWith("ONVIF_PASSWORD")
        || variable.equals(PASSWORDS);
  }

  private static String withPassword(String url, Iterator<String> passwords) {
    Matcher parts = WITHOUT_PASSWORD.matcher(url);
    if (!parts.matches() || !passwords.hasNext()) {
      return url;
    }
    String encoded = URLEncoder.encode(passwords.next(), StandardCharsets.UTF_8);
    return parts.group(1) + ":" + encoded.replace("+", "%20") + parts.group(2);
  }

  /**
   * Converts {@code [NAME=]URL} arguments to the settings {@code RTSP_URL} or {@code
   * RTSP_URL_<NAME>}. A name may have letters of any language, composed or not; what stands between
   * words becomes a hyphen.
   *
   * @throws UserException when a name is none, or is given twice
   */
  public static Map<String, String> toSettings(List<String> cameras) {
    Map<String, String> settings = new LinkedHashMap<>();
    if (cameras.size() == 1 && !NAMED.matcher(cameras.get(0)).matches()) {
      settings.put("RTSP_URL", cameras.get(0));
      return settings;
    }
    int number = 0;
    for (String camera : cameras) {
      number++;
      Matcher named = NAMED.matcher(camera);
      boolean isNamed = named.matches();
      String name = isNamed ? name(named.group(1)) : "camera-" + number;
      String url = isNamed ? named.group(2) : camera;
      String suffix = name.toUpperCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{M}\\p{N}]+", "_");
      String setting = "RTSP_URL_" + suffix.replaceFirst("_$", "");
      if (setting.endsWith("_FILE")) {
        throw new UserException(
            "A camera cannot be named %s: %s is the setting for a file that holds an address."
                    .formatted(name, setting)
                + " Give it another name.");
      }
      if (settings.put(setting, url) != null) {
        throw new UserException(
            "Two cameras are named " + name + ". Give each camera its own name.");
      }
    }
    return settings;
  }

  private static String name(String text) {
    String name = Normalizer.normalize(text.strip(), Normalizer.Form.NFC);
    if (!NAME.matcher(name).matches()) {
      throw new UserException(
          "\"%s\" is no name for a camera: use letters, digits, spaces, - and _, as in front-door=URL."
                  .formatted(name.replaceAll("\\p{Cntrl}", "?"))
              + " A file whose name has = in it is given as ./FILE.");
    }
    return name;
  }
}
