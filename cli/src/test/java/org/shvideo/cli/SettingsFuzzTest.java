package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.tasks.Fuzz;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;
import org.shvideo.worker.WorkerSettings;

/** Whatever the environment holds, the services start or say by name what is wrong. */
final class SettingsFuzzTest {
  private static final long SEED = 20260223;
  private static final String SECRET = "hunter2-geheim";
  private static final List<String> VALUES =
      List.of(
          "0",
          "1",
          "30",
          "0.5",
          "1.5e3",
          "-1",
          "500M",
          "2G",
          "8T",
          "17179869184G",
          "true",
          "copy",
          "every",
          "adaptive",
          "debug",
          "video",
          "/srv/video",
          "redis",
          "6379",
          "0.0.0.0",
          "0.1,0.1 0.9,0.1 0.5,0.9",
          "0,0 1,0 1,1;0.2,0.2 0.3,0.2 0.3,0.3",
          "rtsp://admin:" + SECRET + "@10.0.0.7/stream",
          "rtsp://cam.example:554/h264?user=admin&password=" + SECRET,
          "http://u%40x:" + SECRET + "@[::1]:8080/video.mjpg");

  @Test
  void whateverIsSetIsUsedOrToldByName() {
    Fuzz fuzz = new Fuzz(SEED);
    List<String> names = names();
    int environments = Fuzz.count(20_000);
    int used = 0;
    for (int number = 0; number < environments; number++) {
      Map<String, String> environment = environment(fuzz, names);
      Settings settings = Settings.of(environment);
      try {
        if (fuzz.oneIn(2)) {
          CaptureSettings.from(settings);
        } else {
          WorkerSettings.from(settings);
        }
        settings.check();
        used++;
      } catch (SettingsException e) {
        assertThat(e.getMessage()).as("%d: %s", number, environment).doesNotContain(SECRET);
        Set<String> known = new TreeSet<>(environment.keySet());
        known.add("RTSP_URL");
        assertThat(Stream.of(e.getMessage().split("\n  ")).skip(1))
            .as("%d: %s", number, environment)
            .allMatch(problem -> known.stream().anyMatch(problem::startsWith));
      } catch (RuntimeException e) {
        throw new AssertionError("environment %d, %s".formatted(number, environment), e);
      }
    }
    System.out.printf("%d environments, of which %d could be used%n", environments, used);
    assertThat(used).isBetween(environments / 100, environments);
  }

  private static Map<String, String> environment(Fuzz fuzz, List<String> names) {
    Map<String, String> environment = new HashMap<>();
    for (int set = fuzz.below(5); set >= 0; set--) {
      String name = fuzz.of(names);
      String suffix =
          fuzz.oneIn(6) ? "_" + fuzz.of(List.of("FRONT_DOOR", "A", "", "é", "FILE")) : "";
      environment.put(name + suffix, value(fuzz));
    }
    if (fuzz.oneIn(2)) {
      environment.put("RTSP_URL", "rtsp://admin:" + SECRET + "@10.0.0.7/stream");
    }
    return environment;
  }

  private static String value(Fuzz fuzz) {
    String value =
        switch (fuzz.below(3)) {
          case 0 -> fuzz.of(VALUES);
          case 1 -> fuzz.of(VALUES) + fuzz.text();
          default -> fuzz.text();
        };
    return fuzz.oneIn(10) ? "'" + value + "'" : value;
  }

  private static List<String> names() {
    Map<String, Setting<?>> all = new HashMap<>();
    for (List<Setting<?>> some : List.of(CaptureSettings.all(), WorkerSettings.all())) {
      all.putAll(some.stream().collect(Collectors.toMap(Setting::name, each -> each)));
    }
    List<String> names = new ArrayList<>(new TreeSet<>(all.keySet()));
    names.add("DETECT_URL");
    return names;
  }
}
