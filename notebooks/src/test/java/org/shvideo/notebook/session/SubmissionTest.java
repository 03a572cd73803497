package org.shvideo.notebook.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.notebook.SceneClip;
import org.shvideo.notebook.results.Results;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.settings.Settings;

/** Jobs that a notebook submits, on a real Redis. */
@Tag("model")
@Tag("server")
class SubmissionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private TestRedis redis;
  private Session session;

  @BeforeEach
  void start() throws Exception {
    redis = TestRedis.withPassword("right");
    session = session("right");
    Files.writeString(folder.resolve("text.avi"), "no video at all");
    Files.writeString(folder.resolve("other.avi"), "nor is this");
  }

  @AfterEach
  void stop() {
    session.close();
    redis.close();
  }

  @Test
  void everyCallReportsAMissingRedis() {
    Submission submission = jobs("video_queue").send("text.avi");
    redis.kill();

    for (var call :
        new org.assertj.core.api.ThrowableAssert.ThrowingCallable[] {
          () -> jobs("video_queue").overview(),
          () -> jobs("video_queue").givenUp(),
          () -> jobs("video_queue").send("text.avi"),
          submission::text,
          submission::follow,
        }) {
      assertThatThrownBy(call)
          .isInstanceOf(NotebookException.class)
          .hasMessageContainingAll("refuses the connection", "RDS_HOST", "./sh-video run")
          .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }
  }

  @Test
  void reportsAWrongPassword() {
    try (Session stranger = session("wrong")) {
      assertThatThrownBy(() -> new Jobs(stranger, "video_queue").overview())
          .isInstanceOf(NotebookException.class)
          .hasMessageContaining("refused the password: check RDS_PSW")
          .hasMessageNotContaining("wrong");
    }
  }

  @Test
  void aMissingFileQueuesNothing() {
    assertThatThrownBy(() -> jobs("video_queue").send("text.avi", "missing.avi"))
        .isInstanceOf(NotebookException.class)
        .hasMessageContainingAll("missing.avi", "Available: ", "text.avi");
    assertThatThrownBy(() -> jobs("video_queue").send("../text.avi"))
        .hasMessageContaining("climbs with ..");
    assertThatThrownBy(() -> jobs("video_queue").send())
        .isInstanceOf(NotebookException.class)
        .hasMessage("Name at least one file to queue.");
    assertThat(jobs("video_queue").overview().text()).contains("0 waiting");
  }

  @Test
  void saysWhenNoWorkerIsRunningAndKeepsTheJob() {
    Submission submission = jobs("video_queue").send("text.avi", "other.avi");

    assertThat(submission.follow(Duration.ZERO, Duration.ofMinutes(1)).text())
        .startsWith("No worker has started a job for 0 seconds.")
        .contains("./sh-video run", "The jobs stay in the queue");
    assertThat(jobs("video_queue").overview().text())
        .startsWith("Connected to Redis. Queue video_queue: 2 waiting, 0 started")
        .contains("text.avi", "other.avi", "queued");
    assertThat(submission.text().lines().skip(1))
        .hasSize(2)
        .allMatch(line -> line.contains("queued"));
  }

  @Test
  void stopsFollowingAfterTheTimeout() {
    try (JobQueue queue = new JobQueue(redis.settings())) {
      Submission submission = jobs("video_queue").send("text.avi");
      assertThat(queue.take("someone", TIMEOUT)).isPresent();

      assertThat(submission.follow(Duration.ZERO, Duration.ZERO).text())
          .startsWith("Stopped following. The jobs continue")
          .contains("started");
    }
  }

  @Test
  void stoppingTheCellStopsFollowingAndClosesTheConnection() throws Exception {
    Submission submission = jobs("video_queue").send("text.avi");
    CompletableFuture<View> followed = new CompletableFuture<>();
    Thread cell =
        new Thread(
            () -> {
              followed.complete(submission.follow(Duration.ofMinutes(1), Duration.ofMinutes(2)));
            },
            "cell");
    cell.start();
    await().atMost(TIMEOUT).until(() -> cell.getState() == Thread.State.TIMED_WAITING);

    cell.interrupt();

    assertThat(followed.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).text())
        .startsWith("Stopped following.")
        .contains("queued");
    await().atMost(TIMEOUT).until(() -> redis.command("CLIENT", "LIST").lines().count() == 1);
  }

  @Test
  void workingOnAFileThatIsNotAVideoFailsWithTheReason() {
    Submission submission = jobs("own_queue").send("text.avi");

    String text = submission.work().text();

    assertThat(text).containsPattern("text.avi +failed: .*text.avi is not a video");
    assertThat(submission.follow().text()).isEqualTo(text);
    assertThat(jobs("own_queue").givenUp().text()).contains("text.avi", "is not a video");
    assertThat(jobs("own_queue").overview().text()).contains("1 given up");
    assertThat(jobs("video_queue").givenUp().text())
        .isEqualTo("Queue video_queue has no jobs that were given up.");
    assertThat(Results.read(session.log()).failures().text()).contains("is not a video");
    assertThat(threads("worker")).isFalse();
  }

  @Test
  void looksUpJobsInTheLogThatExpiredInRedis() {
    Submission submission = jobs("video_queue").send("text.avi");
    submission.work();
    redis.command("FLUSHALL");

    assertThat(submission.text()).containsPattern("text.avi +failed: .*is not a video");
    assertThat(submission.follow().text()).isEqualTo(submission.text());
    Submission unknown = jobs("video_queue").send(List.of(Job.forFile("other.avi")));
    redis.command("FLUSHALL");
    assertThat(unknown.follow().text()).contains("expired in Redis");
  }

  @Test
  void stoppingTheCellReleasesTheJobAndStopsTheWorker() throws Exception {
    SceneClip.write(folder.resolve("long.avi"), 0, 2 * SceneClip.FRAMES);
    Submission submission = jobs("own_queue").send("long.avi");
    CompletableFuture<View> worked = new CompletableFuture<>();
    Thread cell =
        new Thread(
            () -> {
              try {
                worked.complete(submission.work());
              } catch (RuntimeException e) {
                worked.completeExceptionally(e);
              }
            },
            "cell");
    cell.start();
    await().atMost(TIMEOUT).until(() -> jobs("own_queue").overview().text().contains(" 1 started"));

    cell.interrupt();

    assertThat(worked.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).text())
        .startsWith("Stopped. Unfinished jobs stay in the queue.")
        .doesNotContain(" finished");
    assertThat(threads("worker")).isFalse();
    assertThat(jobs("own_queue").overview().text()).contains(" 0 started");
    await().atMost(TIMEOUT).until(() -> redis.command("CLIENT", "LIST").lines().count() == 1);
  }

  private static boolean threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals(name));
  }

  private Jobs jobs(String queue) {
    return new Jobs(session, queue);
  }

  private Session session(String password) {
    Map<String, String> settings = new HashMap<>();
    settings.put("VIDEO_DIR", folder.toString());
    settings.put("RDS_HOST", "127.0.0.1");
    settings.put("RDS_PORT", Integer.toString(redis.port()));
    settings.put("RDS_PSW", password);
    settings.put("YOLO_MODEL", TestFiles.demoModel().toString());
    settings.put("SAMPLING", "every");
    return new Session(Settings.of(settings));
  }
}
