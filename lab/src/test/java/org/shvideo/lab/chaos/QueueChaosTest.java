package org.shvideo.lab.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.cli.TestCommand;
import org.shvideo.lab.Lab;
import org.shvideo.lab.chaos.QueueHistory.Call;
import org.shvideo.lab.chaos.QueueHistory.Kind;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.Delivery;

/** The history of a queue, and a short run that is checked by it. */
final class QueueChaosTest {
  private static final Job JOB = Job.forFile("clip-1");

  @TempDir private Path folder;

  @Test
  @Tag("server")
  void noStepOfManyUnderFaultsBreaksTheRules() {
    TestCommand command = new TestCommand(Lab::new);

    int status =
        command.execute(
            "chaos",
            "--queue-only",
            "--operations=" + Long.getLong("shvideo.operations", 6000),
            "--seed=1",
            "--folder=" + folder.resolve("work"));

    assertThat(status).as(command.out() + command.err()).isZero();
    assertThat(command.out()).contains("0 violations");
  }

  @Test
  void whatTheQueueMustNotDoIsFound() {
    QueueHistory history = new QueueHistory();
    history.clip("clip-1");
    history.clip("clip-2");
    Delivery first = delivery("1-0", "a", 1);
    Delivery second = delivery("2-0", "b", 2);
    step(history, Kind.TAKEN, first);
    step(history, Kind.TAKEN, second);
    step(history, Kind.RENEWED, first);
    step(history, Kind.SETTLED, second);
    step(history, Kind.RETRIED, second);
    step(history, Kind.TAKEN, delivery("3-0", "c", 3));
    history.line("clip-1");
    history.line("clip-1");

    List<String> violations = history.violations();

    assertThat(violations.stream().map(what -> what.replaceFirst(":.*", "")))
        .containsExactlyInAnyOrder(
            "clip-1 has 2 lines",
            "clip-2 has 0 lines",
            "changed by a worker that had lost it",
            "ended twice",
            "settled, and taken again");
  }

  @Test
  void whatRedisLostMayComeAgain() {
    QueueHistory history = new QueueHistory();
    step(history, Kind.TAKEN, delivery("1-0", "a", 1));
    step(history, Kind.SETTLED, delivery("1-0", "a", 1));
    history.lose();
    step(history, Kind.TAKEN, delivery("1-0", "b", 1));
    step(history, Kind.SETTLED, delivery("1-0", "b", 1));
    step(history, Kind.TAKEN, delivery("1-0", "c", 1));
    history.lose();
    step(history, Kind.TAKEN, delivery("1-0", "d", 1));

    assertThat(history.violations()).isEmpty();
  }

  @Test
  void aPowerCutKeepsWhatIsOnDiskAndLosesTheRestInThreeWays() throws IOException {
    byte[] whole = new byte[20_000];
    Arrays.fill(whole, (byte) 7);
    boolean[] seen = new boolean[3];
    for (int seed = 0; seed < 50; seed++) {
      Path file = Files.write(folder.resolve("file"), whole);

      long lost = PowerCut.damage(file, 5_000, new SplittableRandom(seed));

      byte[] left = Files.readAllBytes(file);
      assertThat(left).startsWith(Arrays.copyOf(whole, 5_000));
      assertThat(lost)
          .isEqualTo(
              whole.length - IntStream.range(0, left.length).filter(i -> left[i] == 7).count());
      seen[left.length == 5_000 ? 0 : left[5_000] == 0 && lost == 15_000 ? 1 : 2] = true;
    }
    assertThat(seen).containsOnly(true);
  }

  private static void step(QueueHistory history, Kind kind, Delivery delivery) {
    Call call = history.call();
    call.answered(kind, JOB.id(), delivery);
  }

  private static Delivery delivery(String entry, String consumer, int attempt) {
    return new Delivery(entry, consumer, JOB, attempt);
  }
}
