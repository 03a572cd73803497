package org.shvideo.lab.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
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
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.TestClip;
import org.shvideo.lab.Lab;
import org.shvideo.lab.chaos.ChaosFault.Target;
import org.shvideo.lab.chaos.ChaosPlan.Strike;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine;

final class ChaosTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 2, 23, 14, 50);

  @TempDir private Path root;

  @Test
  void aSeedStandsForAPlan() {
    Duration hour = Duration.ofHours(1);

    ChaosPlan plan = ChaosPlan.draw(new Random(1), hour, 2, 3);

    assertThat(ChaosPlan.draw(new Random(1), hour, 2, 3)).isEqualTo(plan);
    assertThat(ChaosPlan.draw(new Random(2), hour, 2, 3)).isNotEqualTo(plan);
    assertThat(plan.strikes())
        .extracting(Strike::fault)
        .as("an hour has room for every fault")
        .contains(ChaosFault.values());
  }

  @Test
  void nothingIsStruckBeforeItWasSetRight() {
    Map<String, Duration> busy = new HashMap<>();
    for (Strike strike : ChaosPlan.draw(new Random(3), Duration.ofHours(1), 2, 3).strikes()) {
      for (String victim : victims(strike)) {
        assertThat(strike.at()).isGreaterThanOrEqualTo(busy.getOrDefault(victim, Duration.ZERO));
        busy.put(victim, strike.end());
      }
    }
    assertThat(busy).hasSize(2 + 2 + 3);
  }

  private static List<String> victims(Strike strike) {
    return strike.fault().target() == Target.ALL
        ? List.of("CAPTURE0", "WORKER0", "WORKER1", "REDIS0")
        : List.of(strike.fault().target().toString() + strike.index());
  }

  @Test
  void whatBreaksThePromiseIsNamed() throws Exception {
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

    ChaosWitness witness = new ChaosWitness(folder);
    witness.start();
    try {
      await(() -> witness.seen().contains(clip("begun")) && witness.seen().contains(clip("gone")));
      Instant killed = recorded.toInstant().plus(Duration.ofSeconds(5));
      Files.move(root.resolve(clip("short")), folder.recording().resolve(clip("short")));
      Files.write(folder.recording().resolve(clip("short")), new byte[64 << 10]);
      witness.captureIsKilled(killed);
      TestClip.write(root.resolve(clip("short")));
      Files.delete(root.resolve(clip("gone")));
      try (var recordings = Files.list(folder.recording())) {
        for (Path recording : recordings.toList()) {
          Files.delete(recording);
        }
      }
    } finally {
      witness.stop();
    }

    ChaosVerdict verdict =
        ChaosVerdict.of(folder, null, witness, List.of("a worker hangs"), Duration.ofSeconds(1));

    assertThat(verdict.kept()).isFalse();
    assertThat(verdict.points().get(0).broken())
        .hasSize(3)
        .anyMatch(what -> what.startsWith(clip("broken") + " does not play"))
        .contains(
            clip("begun") + " was begun and is not there",
            clip("gone") + " was begun and is not there");
    assertThat(verdict.points().get(1).broken())
        .containsExactlyInAnyOrder(
            clip("begun") + " has 0 lines",
            clip("never") + " has 0 lines",
            clip("twice") + " has 2 lines",
            clip("failed") + " was not analysed: too hard");
    assertThat(verdict.points().get(2).broken())
        .containsExactly(clip("short") + " lacks its last 4.0 s");
    assertThat(verdict.points().get(3).broken()).contains("clip without job: " + clip("never"));
    assertThat(verdict.points().get(4).broken()).containsExactly("a worker hangs");
  }

  @Test
  void theRealPipelineKeepsItsPromise() {
    StringWriter out = new StringWriter();
    CommandLine commandLine = ShVideo.commandLine(new Lab());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));

    int status =
        commandLine.execute(
            "chaos", "--minutes=0.25", "--seed=5", "--folder=" + root.resolve("work"));

    assertThat(status).as(out.toString()).isZero();
    assertThat(out.toString()).contains("unaccounted = 0", "The promise was kept.");
    assertThat(new VideoFolder(root.resolve("work/video")).log()).exists();
  }

  private static String clip(String name) {
    return "20260223-145000-" + name + ".avi";
  }

  private static DetectionLine analysed(Job job) {
    return DetectionLine.builder(job, NOW).clip(1, 10).objects(List.of()).build();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException, IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time is over").isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
