package org.shvideo.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.camera.scene.Scene;
import org.shvideo.tasks.Fuzz;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.YoloDetector;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;

/** What a worker makes of a job. */
final class WorkerTest extends WorkerTestBase {
  @Test
  void aJobPushedByHandBecomesALine() throws Exception {
    place(shortClip, "sign.avi");
    String entry = redis.command("XADD", "video_queue", "*", "filename", "sign.avi");

    work(Sampling.ADAPTIVE);

    DetectionLine line = onlyLine();
    assertThat(line.ok()).isTrue();
    assertThat(line.filename()).isEqualTo("sign.avi");
    assertThat(line.job()).isEqualTo(entry);
    assertThat(line.detected()).containsExactly(Scene.LABEL);
    assertThat(line.snapshot()).isEqualTo("sign.jpg");
    assertThat(folder.root().resolve("sign.jpg")).exists();
    JobStatus status = awaitState(entry, JobState.FINISHED);
    assertThat(status.result()).isEqualTo(Json.write(line));
    assertThat(status.attempt()).isEqualTo(1);
    assertNothingIsLeft(0);
    await(() -> !ended.isEmpty());
    assertThat(ended).containsExactly(line);
  }

  @Test
  void aClipInASubFolderHasItsSnapshotBesideIt() throws Exception {
    Files.createDirectory(folder.root().resolve("2026"));
    place(shortClip, "2026/sign.avi");
    queue.enqueue(Job.forFile("2026/sign.avi"));

    work(Sampling.ADAPTIVE);

    assertThat(onlyLine().snapshot()).isEqualTo("2026/sign.jpg");
    assertThat(folder.root().resolve("2026/sign.jpg")).exists();
  }

  @Test
  void aClipIsFoundWhetherItsNameIsComposedOrNot() throws Exception {
    String composed = Normalizer.normalize("вхідний/й.avi", Normalizer.Form.NFC);
    String decomposed = Normalizer.normalize(composed, Normalizer.Form.NFD);
    Files.createDirectory(folder.root().resolve(composed).getParent());
    place(shortClip, composed);
    queue.enqueue(Job.forFile(decomposed));

    work(Sampling.ADAPTIVE);

    DetectionLine line = onlyLine();
    assertThat(line.filename()).as("as the job has it").isEqualTo(decomposed);
    assertThat(line.detected()).containsExactly("stop sign");
    assertThat(folder.root().resolve(line.snapshot())).isNotEmptyFile();
  }

  @Test
  void theLineTellsWhatCaptureKnew() throws Exception {
    place(shortClip, "sign.avi");
    OffsetDateTime recorded = OffsetDateTime.parse("2026-02-23T14:48:19.120+02:00");
    queue.enqueue(new Job("job-1", "sign.avi", "front-door", recorded));

    work(Sampling.ADAPTIVE);

    DetectionLine line = onlyLine();
    assertThat(line.job()).isEqualTo("job-1");
    assertThat(line.camera()).isEqualTo("front-door");
    assertThat(line.recordedAt()).isEqualTo(recorded);
  }

  @ParameterizedTest
  @CsvSource({
    "../../etc/passwd, climbs with ..",
    "/etc/passwd, is absolute",
    "link.avi, leads outside the video folder",
    "missing.avi, not found in the video folder",
    "'', the job names no file",
    "empty.avi, empty.avi is empty",
    "text.avi, text.avi is not a video",
  })
  void aJobThatCannotSucceedFailsAtOnceInTheOpen(String name, String reason) throws Exception {
    Files.createFile(folder.root().resolve("empty.avi"));
    Files.writeString(folder.root().resolve("text.avi"), "no video");
    Files.createSymbolicLink(folder.root().resolve("link.avi"), Path.of("/etc/passwd"));
    String entry = redis.command("XADD", "video_queue", "*", "filename", name);

    work(Sampling.ADAPTIVE);

    DetectionLine line = onlyLine();
    assertThat(line.ok()).isFalse();
    assertThat(line.filename()).isEqualTo(name);
    assertThat(line.detected()).isEmpty();
    assertThat(line.error()).contains(reason);
    JobStatus status = awaitState(entry, JobState.FAILED);
    assertThat(status.attempt()).isEqualTo(1);
    assertThat(status.error()).isEqualTo(line.error());
    assertNothingIsLeft(1);
    assertThat(queue.deadLetters(10))
        .hasSize(1)
        .first()
        .extracting("error")
        .isEqualTo(line.error());
  }

  @Test
  void aClipThatWasCutOffIsAnalysedAsFarAsItGoes() throws Exception {
    byte[] whole = Files.readAllBytes(longClip);
    Files.write(folder.root().resolve("cut.avi"), Arrays.copyOf(whole, whole.length * 2 / 3));
    String entry = redis.command("XADD", "video_queue", "*", "filename", "cut.avi");

    work(Sampling.ADAPTIVE);

    DetectionLine line = onlyLine();
    assertThat(line.ok()).isTrue();
    assertThat(line.frames()).isBetween(5, 59);
    assertThat(line.detected()).contains(Scene.LABEL);
    awaitState(entry, JobState.FINISHED);
  }

  @Test
  void aJobWhoseLineStandsIsSettledWithoutAnotherLook() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    DetectionLine earlier = log.append(earlierLine(job));
    queue.enqueue(job);

    work(Sampling.ADAPTIVE);

    JobStatus status = awaitState(job.id(), JobState.FINISHED);
    assertThat(status.result()).isEqualTo(Json.write(earlier));
    assertThat(onlyLine()).isEqualTo(earlier);
    assertThat(folder.root().resolve("sign.jpg")).doesNotExist();
  }

  @Test
  void twoWorkersShareTheQueueWithoutDoubles() throws Exception {
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      place(shortClip, "clip" + i + ".avi");
      Job job = Job.forFile("clip" + i + ".avi");
      queue.enqueue(job);
      queue.enqueue(job);
      jobs.add(job);
    }

    work(Sampling.ADAPTIVE);
    work(Sampling.ADAPTIVE);

    for (Job job : jobs) {
      awaitState(job.id(), JobState.FINISHED);
    }
    assertThat(lines()).extracting(DetectionLine::job).doesNotHaveDuplicates().hasSize(8);
    assertNothingIsLeft(0);
  }

  @Test
  void aKilledWorkersJobIsTakenOverWithinItsLease() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    Process other = WorkerProcess.start(environment(), temporary, temporary.resolve("killed.log"));
    try {
      awaitState(job.id(), JobState.STARTED);
      assertThat(status(job).orElseThrow().worker()).contains("-" + other.pid() + "-");
    } finally {
      other.destroyForcibly().waitFor();
    }
    assertThat(lines()).isEmpty();
    long killed = System.nanoTime();

    work(Sampling.EVERY);
    await(
        () ->
            status(job)
                .filter(status -> status.worker().equals(workers.get(0).consumer()))
                .isPresent());

    assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(LEASE.plusSeconds(5));
    JobStatus status = awaitState(job.id(), JobState.FINISHED);
    assertThat(status.attempt()).isEqualTo(2);
    assertThat(onlyLine().ok()).isTrue();
    assertNothingIsLeft(0);
  }

  @Test
  void aJobThatKillsItsWorkersIsGivenUp() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    QueueSettings once = settings(1);
    queue.enqueue(job);
    try (JobQueue ghosts = new JobQueue(once)) {
      assertThat(ghosts.take("ghost", Duration.ofSeconds(5))).isPresent();
    }

    work(Sampling.ADAPTIVE, once);

    awaitState(job.id(), JobState.FAILED);
    assertThat(onlyLine().error())
        .isEqualTo("gave up after 1 attempts: the worker died or the clip is too much for it");
    assertNothingIsLeft(1);
  }

  @Test
  void whatMayWorkLaterIsTriedAgainUntilTheAttemptsAreUsedUp() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);
    YoloDetector broken = YoloDetector.load(TestFiles.demoModel(), 0.5, 0.7, 1);
    broken.close();

    work(broken, Sampling.ADAPTIVE, settings(2));

    JobStatus retrying = awaitState(job.id(), JobState.RETRYING);
    assertThat(retrying.error()).isEqualTo("the detector is closed");
    assertThat(lines()).isEmpty();
    JobStatus failed = awaitState(job.id(), JobState.FAILED);
    assertThat(failed.attempt()).isEqualTo(2);
    assertThat(onlyLine().error()).isEqualTo("gave up after 2 attempts: the detector is closed");
  }

  @Test
  void aLogThatCannotBeWrittenCostsNoJob() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);
    Files.createDirectory(folder.log());
    work(Sampling.ADAPTIVE);
    awaitState(job.id(), JobState.STARTED);
    long started = System.nanoTime();
    await(() -> System.nanoTime() - started > LEASE.toNanos() * 3 / 2);

    Files.delete(folder.log());

    assertThat(awaitState(job.id(), JobState.FINISHED).attempt()).isEqualTo(1);
    assertThat(onlyLine().ok()).isTrue();
  }

  @Test
  void aClipThatTakesLongerThanTheLeaseStaysWithItsWorker() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    QueueSettings shortLease = redis.settings(Duration.ofSeconds(1));

    work(slow, Sampling.EVERY, shortLease);
    work(slow, Sampling.EVERY, shortLease);

    assertThat(awaitState(job.id(), JobState.FINISHED).attempt()).isEqualTo(1);
    assertThat(onlyLine().ok()).isTrue();
  }

  @Test
  void aWorkerThatLostItsLeaseDropsTheWork() throws Exception {
    place(longClip, "long.avi");
    String entry = redis.command("XADD", "video_queue", "*", "filename", "long.avi");
    Worker worker = work(slow, Sampling.EVERY, settings(3));
    awaitState(entry, JobState.STARTED);

    redis.command("XCLAIM", "video_queue", "workers", "thief", "0", entry);

    // The thief does nothing; when its lease has run out the job comes back for another attempt.
    await(() -> status(entry).filter(status -> status.attempt() == 2).isPresent());
    assertThat(lines()).isEmpty();
    assertThat(awaitState(entry, JobState.FINISHED).worker()).isEqualTo(worker.consumer());
    assertThat(onlyLine().ok()).isTrue();
  }

  @Test
  void aStoppedWorkerGivesItsJobBackAndLeaves() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    Worker first = work(slow, Sampling.EVERY, settings(3));
    awaitState(job.id(), JobState.STARTED);

    first.close(Duration.ZERO);

    assertThat(status(job).orElseThrow().state()).isIn(JobState.RETRYING, JobState.QUEUED);
    assertThat(lines()).isEmpty();
    work(Sampling.ADAPTIVE);
    assertThat(awaitState(job.id(), JobState.FINISHED).attempt()).isEqualTo(1);
    assertThat(onlyLine().ok()).isTrue();
    assertThat(redis.command("XINFO", "CONSUMERS", "video_queue", "workers"))
        .doesNotContain(first.consumer());
  }

  @Test
  void aPatientStopFinishesTheClip() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);
    Worker worker = work(Sampling.EVERY);
    awaitState(job.id(), JobState.STARTED);

    worker.close(Duration.ofSeconds(60));

    assertThat(status(job).orElseThrow().state()).isEqualTo(JobState.FINISHED);
    assertThat(lines()).hasSize(1);
  }

  @Test
  void whateverIsPushedEndsAsALineAndStopsNothing() throws Exception {
    Fuzz fuzz = new Fuzz(20260223);
    place(shortClip, "sign.avi");
    Set<String> entries = new HashSet<>();
    try (var raw = new Connection(new HostAndPort("127.0.0.1", redis.port()))) {
      for (int i = 0; i < Fuzz.count(100); i++) {
        byte[] name = fuzz.oneIn(4) ? fuzz.bytes(300) : fuzz.text().getBytes(UTF_8);
        byte[] camera = fuzz.bytes(30);
        raw.sendCommand(
            Command.XADD,
            bytes("video_queue"),
            bytes("*"),
            bytes(fuzz.oneIn(10) ? "file" : "filename"),
            name,
            bytes("camera"),
            camera,
            bytes("recorded_at"),
            bytes(fuzz.text()));
        entries.add(raw.getBulkReply());
      }
    }
    Job good = Job.forFile("sign.avi");
    queue.enqueue(good);

    work(Sampling.ADAPTIVE);

    assertThat(awaitState(good.id(), JobState.FINISHED).attempt()).isEqualTo(1);
    assertThat(lines())
        .filteredOn(line -> !line.ok())
        .extracting(DetectionLine::job)
        .containsExactlyInAnyOrderElementsOf(entries);
    assertNothingIsLeft(entries.size());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static DetectionLine earlierLine(Job job) {
    return DetectionLine.builder(job, LocalDateTime.parse("2026-02-23T14:49:15.581433"))
        .recorded(null, null)
        .clip(1, 25)
        .analysis(3, 0.5)
        .model("yolov8n@c4da9869", 0.5, "adaptive")
        .objects(List.of())
        .detected(List.of("cat"))
        .build();
  }
}
