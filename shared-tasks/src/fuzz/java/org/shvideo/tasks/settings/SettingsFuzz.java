package org.shvideo.tasks.settings;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whatever a variable holds: its setting gets a value within its limits, and what cannot be used is
 * told by name; no message shows the password of a URL, however it is embedded.
 */
public final class SettingsFuzz {
  private static final String SECRET = "hunter2-geheim";
  private static final Setting<Integer> INTEGER = Setting.integer("WHOLE", 5, "s", -3, 900, "");
  private static final Setting<Double> NUMBER = Setting.number("NUMBER", 0.5, "", 0, 1, "");
  private static final Setting<Long> BYTES = Setting.bytes("BYTES", "5M", 1, 1L << 40, "");
  private static final Setting<Duration> SECONDS = Setting.seconds("SECONDS", 5, 0.1, 3600, "");
  private static final Setting<LogLike> CHOICE = Setting.choice("CHOICE", LogLike.ONE, "");
  private static final Setting<Path> PATH = Setting.path("PLACE", "video", "");
  private static final List<Setting<?>> ALL =
      List.of(INTEGER, NUMBER, BYTES, SECONDS, CHOICE, PATH);

  private enum LogLike {
    ONE,
    TWO
  }

  private SettingsFuzz() {}

  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    if (data.consumeBoolean()) {
      mask(data);
      return;
    }
    Map<String, String> environment = new HashMap<>();
    for (Setting<?> setting : ALL) {
      // A message repeats a value as it is; with line breaks it could not be told from two.
      environment.put(setting.name(), data.consumeString(40).replace('\n', ' '));
    }
    Settings settings = Settings.of(environment);
    int whole = settings.get(INTEGER);
    require(whole >= -3 && whole <= 900, "WHOLE");
    double number = settings.get(NUMBER);
    require(number >= 0 && number <= 1, "NUMBER");
    long bytes = settings.get(BYTES);
    require(bytes >= 1 && bytes <= 1L << 40, "BYTES");
    require(BYTES.parser().apply(Setting.shortened(bytes)) == bytes, "an amount, shortened");
    Duration seconds = settings.get(SECONDS);
    require(seconds.toMillis() >= 100 && seconds.toSeconds() <= 3600, "SECONDS");
    require(settings.get(CHOICE) != null && settings.get(PATH) != null, "CHOICE and PLACE");
    try {
      settings.check();
    } catch (SettingsException e) {
      for (String problem : e.getMessage().split("\n  ", -1)) {
        require(!problem.isEmpty(), "a problem has words");
      }
    }
  }

  private static void mask(FuzzedDataProvider data) {
    String before = data.consumeString(40).replace("hunter", "");
    String user = data.consumeString(20).replaceAll("\\s|://", "");
    String inPassword = data.consumeString(20).replaceAll("\\s|://", "");
    String after = data.consumeRemainingAsString().replace("hunter", "");
    String url = "rtsp://" + user + ":" + inPassword + SECRET + inPassword + "@camera/";
    String text = before + " " + url + " " + after;
    require(!Masking.mask(text).contains(SECRET), "the password in: " + text);
    String masked = Masking.mask(text);
    require(Masking.mask(masked).equals(masked), "masked twice: " + masked);
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
