package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a camera answers, nothing crashes, hangs or is left behind. {@code -Dshvideo.fuzz=N}
 * tries so many answers of each kind, {@code -Dshvideo.fuzz.first=N} begins at that one.
 */
@Tag("camera")
@Tag("process")
class CameraFuzzTest {
  private static final int COUNT = Integer.getInteger("shvideo.fuzz", 60);
  private static final long FIRST = Long.getLong("shvideo.fuzz.first", 0);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"rtsp", "http"})
  void malformedResponsesCauseNoCrashHangOrLeak(String protocol) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:-UsePerfData",
                "-XX:ErrorFile=" + folder.resolve("crash.log"),
                "-cp",
                System.getProperty("java.class.path"),
                CameraFuzz.class.getName(),
                protocol,
                Long.toString(FIRST),
                Integer.toString(COUNT),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    Map<String, String> said = new TreeMap<>();
    List<String> last = new ArrayList<>();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        String[] words = line.split(" ", 2);
        said.put(words[0], words.length > 1 ? words[1] : "");
        last.add(line);
        last.subList(0, Math.max(0, last.size() - 60)).clear();
      }
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    System.out.println(protocol + " " + said);
    assertThat(process.exitValue()).as(String.join("\n", last)).isZero();
    assertThat(said.get("done")).isEqualTo(Integer.toString(COUNT));
    assertThat(Long.parseLong(said.get("longest"))).isLessThan(CameraFuzz.LONGEST.toMillis());
    assertThat(Long.parseLong(said.get("files"))).isLessThan(15);
    assertThat(Long.parseLong(said.get("threads"))).isLessThan(15);
    assertThat(Long.parseLong(said.get("resident"))).isLessThan(500);
    assertThat(said.get("unspoilt")).startsWith("played");
  }
}
