package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.worker.WorkerSettings;

/**
 * The README's table and the env files say what the code says. {@code ./mvnw verify
 * -Dshvideo.document=true} writes them anew after a change of the settings.
 */
final class SettingsDocumentationTest {
  private static final Path root = Path.of(System.getProperty("shvideo.root"));
  private static final String HEADER =
      "| setting | default | unit | meaning |\n|---|---|---|---|\n";

  @Test
  void readmeListsEverySettingWithItsDefault() throws IOException {
    Map<String, Setting<?>> capture = byName(CaptureSettings.all());
    Map<String, Setting<?>> worker = byName(WorkerSettings.all());
    Map<String, Setting<?>> both = new LinkedHashMap<>(capture);
    both.keySet().retainAll(worker.keySet());
    capture.keySet().removeAll(both.keySet());
    worker.keySet().removeAll(both.keySet());
    String tables =
        "Both services:\n\n%s\nCapture:\n\n%s\nWorker:\n\n%s"
            .formatted(table(both), table(capture), table(worker));

    Path file = root.resolve("README.md");
    String readme = Files.readString(file);
    String begin = "<!-- settings -->\n";
    String end = "<!-- end of settings -->\n";
    int from = readme.indexOf(begin) + begin.length();
    int to = readme.indexOf(end);
    assertThat(to).as("README.md holds the marks %s and %s", begin, end).isGreaterThan(from - 1);
    compare(file, readme, readme.substring(0, from) + tables + readme.substring(to));
  }

  @Test
  void captureEnvHoldsEverySettingWithItsDefault() throws IOException {
    check("capture.env", CaptureSettings.all());
  }

  @Test
  void workerEnvHoldsEverySettingWithItsDefault() throws IOException {
    check("worker.env", WorkerSettings.all());
  }

  private static void check(String name, List<Setting<?>> settings) throws IOException {
    StringBuilder text =
        new StringBuilder(
            "# Settings of "
                + name.replace(".env", "")
                + ", each with its default. Remove the # before a name to set it.\n");
    for (Setting<?> setting : byName(settings).values()) {
      text.append("\n# ").append(setting.meaning());
      if (!setting.unit().isEmpty()) {
        text.append(" (").append(setting.unit()).append(')');
      }
      text.append("\n#").append(setting.name()).append('=').append(setting.fallback()).append('\n');
    }
    Path file = root.resolve(name);
    compare(file, Files.exists(file) ? Files.readString(file) : "", text.toString());
  }

  private static void compare(Path file, String actual, String expected) throws IOException {
    if (Boolean.getBoolean("shvideo.document")) {
      Files.writeString(file, expected);
    } else {
      assertThat(actual)
          .as("%s; ./mvnw verify -Dshvideo.document=true writes it anew", file.getFileName())
          .isEqualTo(expected);
    }
  }

  private static String table(Map<String, Setting<?>> settings) {
    StringBuilder rows = new StringBuilder(HEADER);
    for (Setting<?> setting : settings.values()) {
      rows.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  setting.name(),
                  setting.fallback().isEmpty() ? "" : "`" + setting.fallback() + "`",
                  setting.unit(),
                  setting.meaning()));
    }
    return rows.toString();
  }

  private static Map<String, Setting<?>> byName(List<Setting<?>> settings) {
    Map<String, Setting<?>> byName = new LinkedHashMap<>();
    for (Setting<?> setting : settings) {
      byName.put(setting.name(), setting);
    }
    assertThat(byName).as("no name twice").hasSameSizeAs(settings);
    return byName;
  }
}
