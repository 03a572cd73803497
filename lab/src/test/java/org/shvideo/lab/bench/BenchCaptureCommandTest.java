package org.shvideo.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.TestCommand;
import org.shvideo.lab.Lab;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.tasks.json.Json;

/** The benchmark of capture; its results depend on the machine. */
@Tag("camera")
@Tag("process")
final class BenchCaptureCommandTest {
  private final TestCommand command = new TestCommand(Lab::new);

  @Test
  void captureIsComparedWithThePrototype() throws Exception {
    assumeLinux();

    Map<String, Double> rows =
        rows(
            "--picture=320x180@5",
            "--settle=1",
            "--seconds=1",
            "--repeats=1",
            "--cameras=2",
            "--detect-picture=160x90",
            "--json");

    assertThat(command.err()).contains("are at rest");
    assertThat(rows).hasSize(11).containsKey("idle camera, motion detected in 160x90");
    rows.forEach((what, value) -> assertThat(value).as(what).isNotNaN().isLessThan(1000));
    assertThat(rows.get("prototype: every frame decoded, MOG2")).isPositive();
    assertThat(rows.get("memory (RSS) with one idle camera")).isGreaterThan(20);
    assertThat(rows.keySet()).anyMatch(what -> what.matches("constant motion, recorded, \\d+ .*"));
  }

  @Test
  void packetsOfManyCamerasAreCounted() throws Exception {
    assumeLinux();

    Map<String, Double> rows =
        rows("--picture=320x180@5", "--settle=1", "--minutes=0.05", "--cameras=12", "--json");

    assertThat(rows.get("packets received per camera, minimum")).isBetween(5.0, 20.0);
    assertThat(rows)
        .containsEntry("packets lost since the start, all cameras", 0.0)
        .containsEntry("connections lost", 0.0);
  }

  @Test
  void invalidOptionsAreReported() {
    assertThat(execute("--picture=big")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("--picture must be like 1920x1080@25, not big");
    assertThat(execute("--picture=64x64@5", "--detect-picture=tiny")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("--detect-picture must be like 1920x1080@25, not tiny@5");
    assertThat(execute("--picture=31x17@5")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("must be even");
    assertThat(execute("--cameras=1")).isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("--cameras is too small: 1");
  }

  @Test
  void aCameraShowsFourMotionsInTheFirstMinute() throws Exception {
    SceneFootage clip = SceneFootage.draw(new Scene(320, 180, 5, 7));

    EncodedVideo video = clip.quietAfterMotions(60, 30);

    assertThat(video.length()).hasSeconds(90);
    assertThat(video.frameRate()).isEqualTo(5);
    List<AccessUnit> busy = clip.busy();
    boolean[] moves = new boolean[90];
    for (int second = 0; second < 90; second++) {
      List<byte[]> shown = video.units().get(second * 5 + 3).nalUnits();
      moves[second] = busy.stream().anyMatch(unit -> unit.nalUnits().equals(shown));
    }
    for (int second = 0; second < 90; second++) {
      boolean wanted = second >= 16 && second < 50 && (second - 16) % 10 < 4;
      assertThat(moves[second]).as("second %d", second).isEqualTo(wanted);
    }
    for (int i = 1; i < video.units().size(); i++) {
      assertThat(video.units().get(i).dtsMicros()).isEqualTo(i * 200_000L);
    }
  }

  @Test
  void metricsAreReadByCamera() {
    String text =
        """
        # HELP shvideo_camera_packets_total Packets received.
        # TYPE shvideo_camera_packets_total counter
        shvideo_camera_packets_total{camera="c1"} 12.0
        shvideo_camera_packets_total{camera="c-2"} 1.5E3
        shvideo_camera_bytes_total{camera="c1"} 7.0
        shvideo_camera_last_packet_age_seconds{camera="c1"} NaN
        process_resident_memory_bytes 1.0
        """;

    assertThat(CaptureMetrics.perCamera("shvideo_camera_packets_total", text))
        .isEqualTo(Map.of("c1", 12.0, "c-2", 1500.0));
    assertThat(CaptureMetrics.perCamera("process_resident_memory_bytes", text)).isEmpty();
  }

  private Map<String, Double> rows(String... arguments) throws Exception {
    assertThat(execute(arguments)).as(command.err()).isZero();
    Map<String, Double> rows = new LinkedHashMap<>();
    JsonNode report = Json.read(command.out(), JsonNode.class);
    report
        .get("rows")
        .forEach(row -> rows.put(row.get("what").asText(), row.get("median").asDouble()));
    return rows;
  }

  private static void assumeLinux() {
    assumeTrue(Files.exists(Path.of("/proc/self/stat")), "no /proc on this system");
  }

  private int execute(String... options) {
    List<String> arguments = new ArrayList<>(List.of("bench", "capture"));
    arguments.addAll(List.of(options));
    return command.execute(arguments.toArray(String[]::new));
  }
}
