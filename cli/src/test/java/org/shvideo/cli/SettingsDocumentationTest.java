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
 * The tables of docs/guide/settings.md and the env files match the code. {@code ./mvnw verify
 * -Dshvideo.document=true} regenerates them after a change of the settings.
 */
final class SettingsDocumentationTest {
  private static final Path root = Path.of(System.getProperty("shvideo.root"));
  private static final List<Setting<?>> PER_CAMERA = CaptureSettings.perCamera();
  private static final String HEADER =
      "| setting | default | unit | meaning |\n|---|---|---|---|\n";

  @Test
  void guideListsEverySettingWithItsDefault() throws IOException {
    Map<String, Setting<?>> capture = byName(CaptureSettings.all());
    Map<String, Setting<?>> worker = byName(WorkerSettings.all());
    Map<String, Setting<?>> both = new LinkedHashMap<>(capture);
    both.keySet().retainAll(worker.keySet());
    capture.keySet().removeAll(both.keySet());
    worker.keySet().removeAll(both.keySet());
    String tables =
        "Both services:\n\n%s\nCapture:\n\n%s\nWorker:\n\n%s"
            .formatted(table(both), table(capture), table(worker));

    Path file = root.resolve("docs/guide/settings.md");
    String page = Files.readString(file);
    String begin = "<!-- settings -->\n";
    String end = "<!-- end of settings -->\n";
    int from = page.indexOf(begin) + begin.length();
    int to = page.indexOf(end);
    assertThat(to).as("%s contains %s and %s", file, begin, end).isGreaterThanOrEqualTo(from);
    compare(file, page, page.substring(0, from) + tables + page.substring(to));
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
      if (PER_CAMERA.contains(setting)) {
        text.append(" One camera's: ").append(setting.name()).append("_<NAME>.");
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
          .as("%s; ./mvnw verify -Dshvideo.document=true regenerates it", file.getFileName())
          .isEqualTo(expected);
    }
  }

  private static String table(Map<String, Setting<?>> settings) {
    StringBuilder rows = new StringBuilder(HEADER);
    for (Setting<?> setting : settings.values()) {
      rows.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  setting.name() + (PER_CAMERA.contains(setting) ? "[_<NAME>]" : ""),
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
