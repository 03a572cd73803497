package org.shvideo.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.settings.Settings;

/** Jobs that a notebook sends, on a real Redis. */
class SentTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private TestRedis redis;
  private Notebook notebook;

  @BeforeEach
  void start() throws Exception {
    redis = TestRedis.withPassword("right");
    notebook = notebook("right");
    Files.writeString(folder.resolve("text.avi"), "no video at all");
    Files.writeString(folder.resolve("other.avi"), "nor is this");
  }

  @AfterEach
  void stop() {
    notebook.close();
    redis.close();
  }

  @Test
  void whereRedisIsAwayEveryCallSaysSoAndWhatToDo() {
    Sent sent = notebook.jobs().send("text.avi");
    redis.kill();

    for (var call :
        new org.assertj.core.api.ThrowableAssert.ThrowingCallable[] {
          () -> notebook.jobs().overview(),
          () -> notebook.jobs().givenUp(),
          () -> notebook.jobs().send("text.avi"),
          sent::text,
          sent::follow,
        }) {
      assertThatThrownBy(call)
          .isInstanceOf(NotebookException.class)
          .hasMessageContainingAll("refuses the connection", "RDS_HOST", "./sh-video run")
          .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }
  }

  @Test
  void aWrongPasswordIsCalledThat() {
    try (Notebook stranger = notebook("wrong")) {
      assertThatThrownBy(() -> stranger.jobs().overview())
          .isInstanceOf(NotebookException.class)
          .hasMessageContaining("refused the password: check RDS_PSW")
          .hasMessageNotContaining("wrong");
    }
  }

  @Test
  void aFileThatIsNotThereQueuesNothing() {
    assertThatThrownBy(() -> notebook.jobs().send("text.avi", "missing.avi"))
        .isInstanceOf(NotebookException.class)
        .hasMessageContainingAll("missing.avi", "There are: ", "text.avi");
    assertThatThrownBy(() -> notebook.jobs().send("../text.avi"))
        .hasMessageContaining("climbs with ..");
    assertThatThrownBy(() -> notebook.jobs().send())
        .isInstanceOf(NotebookException.class)
        .hasMessage("Name at least one file to queue.");
    assertThat(notebook.jobs().overview().text()).contains("0 waiting");
  }

  @Test
  void whereNoWorkerRunsItSaysSoAndTheJobStays() {
    Sent sent = notebook.jobs().send("text.avi", "other.avi");

    assertThat(sent.follow(Duration.ZERO, Duration.ofMinutes(1)).text())
        .startsWith("No worker has taken the jobs for 0 seconds.")
        .contains("./sh-video run", "Nothing is lost");
    assertThat(notebook.jobs().overview().text())
        .startsWith("Redis answers. Queue video_queue: 2 waiting, 0 in work")
        .contains("text.avi", "other.avi", "queued");
    assertThat(sent.text().lines().skip(1)).hasSize(2).allMatch(line -> line.contains("queued"));
  }

  @Test
  void whatTakesTooLongIsNoLongerWatched() {
    try (JobQueue queue = new JobQueue(redis.settings())) {
      Sent sent = notebook.jobs().send("text.avi");
      assertThat(queue.take("someone", SOON)).isPresent();

      assertThat(sent.follow(Duration.ZERO, Duration.ZERO).text())
          .startsWith("No longer watched. The jobs go on")
          .contains("started");
    }
  }

  @Test
  void stoppingTheCellEndsTheWatchingAndLeavesNoConnection() throws Exception {
    Sent sent = notebook.jobs().send("text.avi");
    CompletableFuture<View> followed = new CompletableFuture<>();
    Thread cell =
        new Thread(
            () -> {
              followed.complete(sent.follow(Duration.ofMinutes(1), Duration.ofMinutes(2)));
            },
            "cell");
    cell.start();
    await(() -> cell.getState() == Thread.State.TIMED_WAITING);

    cell.interrupt();

    assertThat(followed.get(SOON.toSeconds(), TimeUnit.SECONDS).text())
        .startsWith("No longer watched.")
        .contains("queued");
    await(() -> redis.command("CLIENT", "LIST").lines().count() == 1);
  }

  @Test
  void workedOnHereAClipThatIsNoneFailsWithItsReason() {
    Sent sent = notebook.jobs("own_queue").send("text.avi");

    String text = sent.work().text();

    assertThat(text).containsPattern("text.avi +failed: .*text.avi is not a video");
    assertThat(sent.follow().text()).isEqualTo(text);
    assertThat(notebook.jobs("own_queue").givenUp().text()).contains("text.avi", "is not a video");
    assertThat(notebook.jobs("own_queue").overview().text()).contains("1 given up");
    assertThat(notebook.jobs().givenUp().text())
        .isEqualTo("No job of queue video_queue was given up.");
    assertThat(notebook.results().failures().text()).contains("is not a video");
    assertThat(threads("worker")).isFalse();
  }

  @Test
  void aJobThatRedisForgotIsLookedUpInTheLog() {
    Sent sent = notebook.jobs().send("text.avi");
    sent.work();
    redis.command("FLUSHALL");

    assertThat(sent.text()).containsPattern("text.avi +failed: .*is not a video");
    assertThat(sent.follow().text()).isEqualTo(sent.text());
    Sent unknown = notebook.jobs().send(Job.forFile("other.avi"));
    redis.command("FLUSHALL");
    assertThat(unknown.follow().text()).contains("no longer known to Redis");
  }

  @Test
  void stoppingTheCellGivesTheClipInWorkBackAndEndsTheWorker() throws Exception {
    Path footage = Footage.media("one-by-one-person-detection.mp4");
    Files.copy(footage, folder.resolve("long.mp4"));
    Sent sent = notebook.jobs("own_queue").send("long.mp4");
    CompletableFuture<View> worked = new CompletableFuture<>();
    Thread cell =
        new Thread(
            () -> {
              try {
                worked.complete(sent.work());
              } catch (RuntimeException e) {
                worked.completeExceptionally(e);
              }
            },
            "cell");
    cell.start();
    String job = sent.jobs().get(0).id();
    notebook
        .jobs("own_queue")
        .asked(
            queue -> {
              await(() -> queue.status(job).orElseThrow().state() == JobState.STARTED);
              return job;
            });

    cell.interrupt();

    assertThat(worked.get(SOON.toSeconds(), TimeUnit.SECONDS).text())
        .startsWith("Stopped. What was not done waits in the queue.")
        .doesNotContain("finished");
    assertThat(threads("worker")).isFalse();
    assertThat(notebook.jobs("own_queue").overview().text()).contains(" 0 in work");
    await(() -> redis.command("CLIENT", "LIST").lines().count() == 1);
  }

  private static boolean threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals(name));
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private Notebook notebook(String password) {
    Map<String, String> settings = new HashMap<>();
    settings.put("VIDEO_DIR", folder.toString());
    settings.put("RDS_HOST", "127.0.0.1");
    settings.put("RDS_PORT", Integer.toString(redis.port()));
    settings.put("RDS_PSW", password);
    settings.put("SAMPLING", "every");
    return Notebook.of(Settings.of(settings));
  }
}
