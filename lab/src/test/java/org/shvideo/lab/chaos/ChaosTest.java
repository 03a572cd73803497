package org.shvideo.lab.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.cli.TestClip;
import org.shvideo.cli.TestCommand;
import org.shvideo.lab.Lab;
import org.shvideo.lab.chaos.ChaosFault.Component;
import org.shvideo.lab.chaos.ChaosPlan.Injection;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.video.VideoFolder;

/** Plans of faults, the report, and a short chaos run. */
final class ChaosTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 2, 23, 14, 50);

  @TempDir private Path root;

  @Test
  void aSeedAlwaysGivesTheSamePlan() {
    Duration hour = Duration.ofHours(1);

    ChaosPlan plan = ChaosPlan.draw(new Random(1), hour, 2, 3);

    assertThat(ChaosPlan.draw(new Random(1), hour, 2, 3)).isEqualTo(plan);
    assertThat(ChaosPlan.draw(new Random(2), hour, 2, 3)).isNotEqualTo(plan);
    assertThat(plan.injections())
        .extracting(Injection::fault)
        .as("an hour is enough for every fault")
        .contains(ChaosFault.values());
  }

  @Test
  void faultsOfAComponentDoNotOverlap() {
    Map<String, Duration> busy = new HashMap<>();
    for (Injection injection :
        ChaosPlan.draw(new Random(3), Duration.ofHours(1), 2, 3).injections()) {
      for (String target : targets(injection)) {
        assertThat(injection.at()).isGreaterThanOrEqualTo(busy.getOrDefault(target, Duration.ZERO));
        busy.put(target, injection.end());
      }
    }
    assertThat(busy).hasSize(2 + 2 + 3);
  }

  private static List<String> targets(Injection injection) {
    return injection.fault().component == Component.ALL
        ? List.of("CAPTURE0", "WORKER0", "WORKER1", "REDIS0")
        : List.of(injection.fault().component.toString() + injection.index());
  }

  @Test
  void violationsAreReported() throws Exception {
    VideoFolder folder = new VideoFolder(root);
    Files.createDirectories(folder.recording());
    DetectionLog log = new DetectionLog(folder.log());
    for (String name : List.of("fine", "gone", "twice", "never", "failed", "short")) {
      TestClip.write(root.resolve(clip(name)));
    }
    Files.writeString(root.resolve(clip("broken")), "no video");
    Files.write(folder.recording().resolve(clip("begun")), new byte[64 << 10]);
    OffsetDateTime recorded = OffsetDateTime.of(NOW, ZoneOffset.UTC);
    for (String name : List.of("fine", "gone", "twice", "twice", "broken", "short")) {
      log.append(analysed(new Job(name + log.lines().count(), clip(name), name, recorded)));
    }
    log.append(DetectionLine.failed(Job.forFile(clip("failed")), NOW, "too hard"));

    FolderObserver observer = new FolderObserver(folder);
    try (observer) {
      observer.start();
      await().until(() -> observer.clips().containsAll(List.of(clip("begun"), clip("gone"))));
      Instant killed = recorded.toInstant().plus(Duration.ofSeconds(5));
      Files.move(root.resolve(clip("short")), folder.recording().resolve(clip("short")));
      Files.write(folder.recording().resolve(clip("short")), new byte[64 << 10]);
      observer.beforeCaptureIsKilled(killed);
      TestClip.write(root.resolve(clip("short")));
      Files.delete(root.resolve(clip("gone")));
      try (var recordings = Files.list(folder.recording())) {
        for (Path recording : recordings.toList()) {
          Files.delete(recording);
        }
      }
    }

    ChaosReport report =
        ChaosReport.of(folder, null, observer, List.of("a worker hangs"), Duration.ofSeconds(1));

    assertThat(report.kept()).isFalse();
    assertThat(report.guarantees().get(0).violations())
        .hasSize(3)
        .anyMatch(what -> what.startsWith(clip("broken") + " does not play"))
        .contains(
            clip("begun") + " was started and does not exist",
            clip("gone") + " was started and does not exist");
    assertThat(report.guarantees().get(1).violations())
        .containsExactlyInAnyOrder(
            clip("begun") + " has 0 lines",
            clip("never") + " has 0 lines",
            clip("twice") + " has 2 lines",
            clip("failed") + " was not analysed: too hard");
    assertThat(report.guarantees().get(2).violations())
        .containsExactly(clip("short") + " lacks its last 4.0 s");
    assertThat(report.guarantees().get(3).violations())
        .contains("clip without job: " + clip("never"));
    assertThat(report.guarantees().get(4).violations()).containsExactly("a worker hangs");
  }

  @Test
  @Tag("process")
  @Tag("server")
  @Tag("camera")
  @Tag("model")
  void thePipelineKeepsItsGuarantees() {
    TestCommand command = new TestCommand(Lab::new);

    int status =
        command.execute(
            "chaos", "--minutes=0.25", "--seed=200", "--folder=" + root.resolve("work"));

    assertThat(status).as(command.out() + command.err()).isZero();
    assertThat(command.out()).contains("unaccounted = 0", "All guarantees were kept.");
    assertThat(new VideoFolder(root.resolve("work/video")).log()).exists();
  }

  private static String clip(String name) {
    return "20260223-145000-" + name + ".avi";
  }

  private static DetectionLine analysed(Job job) {
    return DetectionLine.builder(job, NOW).clip(1, 10).objects(List.of()).build();
  }
}
