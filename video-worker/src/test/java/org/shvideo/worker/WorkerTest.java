package org.shvideo.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.camera.scene.Scene;
import org.shvideo.tasks.Fuzz;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.queue.RedisFault;
import org.shvideo.tasks.queue.RedisProxy;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.YoloDetector;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;

/** With a real Redis, the demo model, and clips that show one picture all the time. */
@Tag("model")
@Tag("process")
@Tag("server")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WorkerTest {
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  @TempDir private Path temporary;
  private YoloDetector detector;

  /** Takes seconds for the long clip. */
  private YoloDetector slow;

  private Path shortClip;
  private Path longClip;

  private TestRedis redis;
  private VideoFolder folder;
  private DetectionLog log;
  private JobQueue queue;
  private final List<Worker> workers = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<JobQueue> queues = new ArrayList<>();
  private final ConcurrentLinkedQueue<DetectionLine> ended = new ConcurrentLinkedQueue<>();

  @BeforeAll
  void loadOnce(@TempDir Path clips) throws Exception {
    detector = YoloDetector.load(TestFiles.demoModel(), 0.5, 0.7, 2);
    slow = YoloDetector.load(TestFiles.demoModel(), 0.5, 0.7, 1);
    BufferedImage sign = TestClips.stopSign();
    shortClip = TestClips.still(clips.resolve("short.avi"), sign, 10);
    longClip = TestClips.still(clips.resolve("long.avi"), sign, 60);
  }

  @AfterAll
  void closeOnce() {
    if (detector != null) {
      detector.close();
    }
    if (slow != null) {
      slow.close();
    }
  }

  @BeforeEach
  void start() throws IOException {
    redis = TestRedis.durable();
    folder = new VideoFolder(Files.createDirectories(temporary.resolve("video")));
    log = new DetectionLog(folder.log());
    queue = new JobQueue(redis.settings(LEASE));
    ended.clear();
  }

  @AfterEach
  void stop() throws InterruptedException {
    workers.forEach(Worker::close);
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    workers.clear();
    threads.clear();
    queues.forEach(JobQueue::close);
    queues.clear();
    queue.close();
    redis.close();
  }

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
    assertThat(status.result()).isEqualTo(DetectionLog.toJson(line));
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
    assertThat(status.result()).isEqualTo(DetectionLog.toJson(earlier));
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
  void redisMayRestartWhileAClipIsAnalysed() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    work(Sampling.EVERY);
    await(() -> status(job).filter(status -> status.progress() > 0).isPresent());

    redis.restart();

    awaitState(job.id(), JobState.FINISHED);
    assertThat(onlyLine().ok()).isTrue();
    assertNothingIsLeft(0);
  }

  @Test
  void aLineWrittenWhileRedisWasAwayIsNotWrittenAgain() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    work(Sampling.EVERY);
    awaitState(job.id(), JobState.STARTED);

    redis.stop();
    await(() -> !lines().isEmpty());
    DetectionLine line = onlyLine();
    Files.delete(folder.root().resolve("long.avi"));
    redis.start();

    JobStatus status = awaitState(job.id(), JobState.FINISHED);
    assertThat(status.result()).isEqualTo(DetectionLog.toJson(line));
    assertThat(onlyLine()).isEqualTo(line);
    assertNothingIsLeft(0);
  }

  @ParameterizedTest
  @EnumSource(RedisFault.class)
  void whateverIsWrongWithRedisTheClipHasOneLineAndItsJobEnds(RedisFault trouble) throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    work(Sampling.EVERY);
    await(() -> status(job).filter(status -> status.progress() > 0).isPresent());

    trouble.begin(redis);
    DetectionLine line = onlyLine();
    trouble.end(redis);

    JobStatus status = awaitState(job.id(), JobState.FINISHED);
    assertThat(status.attempt()).isEqualTo(1);
    assertThat(status.result()).isEqualTo(DetectionLog.toJson(line));
    assertThat(onlyLine()).isEqualTo(line);
    assertNothingIsLeft(0);
  }

  @Test
  void whatIsWrongWithRedisIsToldOnceAndAgainWhenItChanges() throws Exception {
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.list = new CopyOnWriteArrayList<>();
    told.start();
    Logger logger = (Logger) LoggerFactory.getLogger(Worker.class);
    logger.addAppender(told);
    try {
      work(Sampling.ADAPTIVE);
      redis.changePassword("another");
      await(() -> told(told, "wants a password: set RDS_PSW") == 1);
      redis.kill();
      await(() -> told(told, "refuses the connection") == 1);
      redis.start();
      await(() -> told(told, "wants a password: set RDS_PSW") == 2);
      redis.changePassword("");
      await(() -> told(told, "Reconnected to Redis") == 1);
    } finally {
      logger.detachAppender(told);
    }
    assertThat(told.list)
        .filteredOn(event -> event.getLevel() == Level.WARN)
        .as("each once")
        .hasSizeLessThan(6);
  }

  private static long told(ListAppender<ILoggingEvent> appender, String part) {
    return appender.list.stream()
        .filter(event -> event.getFormattedMessage().contains(part))
        .count();
  }

  @Test
  void aSlowRedisCostsNoAttempt() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    try (RedisProxy proxy = new RedisProxy(redis)) {
      // The lease is shorter than two of its renewals take.
      work(Sampling.EVERY, proxy.settings(Duration.ofSeconds(6)));
      proxy.delay(Duration.ofSeconds(2));
      queue.enqueue(job);

      JobStatus status = awaitState(job.id(), JobState.FINISHED);
      assertThat(status.attempt()).isEqualTo(1);
    }
    assertThat(onlyLine().ok()).isTrue();
  }

  @Test
  void redisMayComeLater() throws Exception {
    redis.stop();
    place(shortClip, "sign.avi");
    work(Sampling.ADAPTIVE);

    redis.start();
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);

    awaitState(job.id(), JobState.FINISHED);
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

  @Test
  void aClipThatTakesTooLongFailsAtOnceInTheOpen() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);

    Worker worker =
        worker(new WorkLimits(Duration.ofMillis(300), WorkLimits.STALL_TIMEOUT), clock());
    work(worker, worker::run);

    assertThat(awaitState(job.id(), JobState.FAILED).attempt()).isEqualTo(1);
    assertThat(onlyLine().error())
        .isEqualTo("its analysis took longer than CLIP_TIMEOUT allows, 0 s");
    assertNothingIsLeft(1);
  }

  /** The clip hangs the first worker as a decoder or a dead share would: its thread is stuck. */
  @Test
  void aWorkerThatHangsIsReplacedWithinItsProcess() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);
    HangingClock clock = new HangingClock(1);
    // Long enough for a frame on a machine that has much else to do.
    Worker first = worker(new WorkLimits(Duration.ofHours(1), Duration.ofSeconds(5)), clock);
    List<Worker> successors = new CopyOnWriteArrayList<>();

    Thread stuck =
        work(
            first,
            () ->
                first.run(
                    () -> {
                      Worker next = first.successor();
                      successors.add(next);
                      work(next, next::run);
                    }));

    JobStatus status = awaitState(job.id(), JobState.FINISHED);
    assertThat(status.attempt()).as("the attempt that hung counts").isEqualTo(2);
    assertThat(successors).hasSize(1);
    assertThat(status.worker()).isEqualTo(successors.get(0).consumer());
    assertThat(stuck.isAlive()).isTrue();
    DetectionLine line = onlyLine();

    clock.release();
    stuck.join(20_000);

    assertThat(stuck.isAlive()).as("it leaves when it comes free").isFalse();
    assertThat(onlyLine()).isEqualTo(line);
    Job next = Job.forFile("sign.avi");
    queue.enqueue(next);
    assertThat(awaitState(next.id(), JobState.FINISHED).attempt()).isEqualTo(1);
  }

  @Test
  void aJobThatHangsEveryWorkerIsGivenUp() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);
    HangingClock clock = new HangingClock(2);
    QueueSettings twice = settings(2, Duration.ofSeconds(1));
    WorkLimits limits = new WorkLimits(Duration.ofHours(1), Duration.ofSeconds(1));

    workOn(worker(detector, Sampling.ADAPTIVE, twice, limits, clock));

    awaitState(job.id(), JobState.FAILED);
    assertThat(onlyLine().error()).startsWith("gave up after 2 attempts");
    assertNothingIsLeft(1);
    clock.release();
  }

  private void workOn(Worker worker) {
    work(worker, () -> worker.run(() -> workOn(worker.successor())));
  }

  @Test
  void aWorkerThatHangsEndsItsProcess() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);
    Path output = temporary.resolve("hung.log");

    Process other =
        WorkerProcess.start(HangingWorker.class, List.of(), environment(), temporary, output);
    assertThat(other.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    assertThat(other.exitValue()).isEqualTo(WorkerMain.STUCK);
    assertThat(output).content().contains("sign.avi) made no progress for 1 s", "Exiting");
    work(Sampling.ADAPTIVE);
    assertThat(awaitState(job.id(), JobState.FINISHED).attempt()).isEqualTo(2);
    assertThat(onlyLine().ok()).isTrue();
  }

  /** The picture of so large a snapshot does not fit into the heap. */
  @Test
  void aWorkerWhoseMemoryRunsOutEndsAndAnotherTakesTheJob(@TempDir Path clips) throws Exception {
    BufferedImage large = new BufferedImage(5120, 2880, BufferedImage.TYPE_3BYTE_BGR);
    var graphics = large.createGraphics();
    graphics.drawImage(TestClips.stopSign(), 0, 0, large.getWidth(), large.getHeight(), null);
    graphics.dispose();
    place(TestClips.still(clips.resolve("large.avi"), large, 2), "large.avi");
    Job job = Job.forFile("large.avi");
    queue.enqueue(job);
    Path output = temporary.resolve("full.log");

    Process other =
        WorkerProcess.start(
            WorkerMain.class,
            List.of("-Xmx36m", "-XX:+ExitOnOutOfMemoryError"),
            environment(),
            temporary,
            output);
    assertThat(other.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    assertThat(other.exitValue()).isEqualTo(3);
    assertThat(output).content().contains("OutOfMemoryError");
    assertThat(lines()).isEmpty();
    work(Sampling.ADAPTIVE);
    assertThat(awaitState(job.id(), JobState.FINISHED).attempt()).isEqualTo(2);
    assertThat(onlyLine().snapshot()).isEqualTo("large.jpg");
  }

  private Map<String, String> environment() {
    return Map.of(
        "VIDEO_DIR", folder.root().toString(),
        "RDS_HOST", "127.0.0.1",
        "RDS_PORT", Integer.toString(redis.port()),
        "JOB_LEASE", Long.toString(LEASE.toSeconds()),
        "SAMPLING", "every",
        "YOLO_MODEL", TestFiles.demoModel().toString());
  }

  private static Clock clock() {
    return Clock.system(ZoneId.systemDefault());
  }

  private Worker worker(WorkLimits limits, Clock clock) {
    return worker(slow, Sampling.EVERY, settings(3), limits, clock);
  }

  private Worker work(Sampling sampling) {
    return work(sampling, settings(3));
  }

  private Worker work(Sampling sampling, QueueSettings settings) {
    return work(detector, sampling, settings);
  }

  private Worker work(YoloDetector detector, Sampling sampling, QueueSettings settings) {
    Worker worker = worker(detector, sampling, settings, WorkLimits.DEFAULT, clock());
    work(worker, worker::run);
    return worker;
  }

  private Worker worker(
      YoloDetector detector,
      Sampling sampling,
      QueueSettings settings,
      WorkLimits limits,
      Clock clock) {
    JobQueue own = new JobQueue(settings);
    queues.add(own);
    return new Worker(
        own,
        settings,
        limits,
        folder,
        new DetectionLog(folder.log()),
        new ClipAnalyzer(detector, sampling, true, clock),
        new WorkerListener() {
          @Override
          public void ended(DetectionLine line) {
            ended.add(line);
          }
        },
        clock(),
        new SplittableRandom(queues.size()));
  }

  private Thread work(Worker worker, Runnable run) {
    Thread thread = new Thread(run, "worker-" + workers.size());
    thread.start();
    workers.add(worker);
    threads.add(thread);
    return thread;
  }

  private QueueSettings settings(int maxAttempts) {
    return settings(maxAttempts, LEASE);
  }

  private QueueSettings settings(int maxAttempts, Duration lease) {
    QueueSettings settings = redis.settings(lease);
    return new QueueSettings(
        settings.host(),
        settings.port(),
        settings.password(),
        settings.queue(),
        settings.lease(),
        maxAttempts,
        settings.resultTtl());
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

  private void place(Path clip, String name) throws IOException {
    Files.copy(clip, folder.root().resolve(name));
  }

  private List<DetectionLine> lines() {
    try (var lines = log.lines()) {
      return lines.toList();
    }
  }

  private DetectionLine onlyLine() throws InterruptedException {
    await(() -> !lines().isEmpty());
    assertThat(lines()).hasSize(1);
    return lines().get(0);
  }

  private Optional<JobStatus> status(Job job) {
    return status(job.id());
  }

  private Optional<JobStatus> status(String job) {
    try {
      return queue.status(job);
    } catch (QueueUnavailableException restarting) {
      return Optional.empty();
    }
  }

  private JobStatus awaitState(String job, JobState state) throws InterruptedException {
    await(() -> status(job).filter(status -> status.state() == state).isPresent());
    return status(job).orElseThrow();
  }

  private void assertNothingIsLeft(long dead) {
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, dead));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it did not happen in time").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
