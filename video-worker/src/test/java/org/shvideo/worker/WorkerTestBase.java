package org.shvideo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
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
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.YoloDetector;

/** Workers with a real Redis, the demo model, and clips that show one picture all the time. */
@Tag("model")
@Tag("process")
@Tag("server")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WorkerTestBase {
  static final Duration LEASE = Duration.ofSeconds(2);
  static final Duration DEADLINE = Duration.ofSeconds(90);

  @TempDir Path temporary;
  YoloDetector detector;

  /** Takes seconds for the long clip. */
  YoloDetector slow;

  Path shortClip;
  Path longClip;

  TestRedis redis;
  VideoFolder folder;
  DetectionLog log;
  JobQueue queue;
  final List<Worker> workers = new CopyOnWriteArrayList<>();
  final List<Thread> threads = new CopyOnWriteArrayList<>();
  final List<JobQueue> queues = new ArrayList<>();
  final ConcurrentLinkedQueue<DetectionLine> ended = new ConcurrentLinkedQueue<>();

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

  Map<String, String> environment() {
    return Map.of(
        "VIDEO_DIR", folder.root().toString(),
        "RDS_HOST", "127.0.0.1",
        "RDS_PORT", Integer.toString(redis.port()),
        "JOB_LEASE", Long.toString(LEASE.toSeconds()),
        "SAMPLING", "every",
        "YOLO_MODEL", TestFiles.demoModel().toString());
  }

  static Clock clock() {
    return Clock.system(ZoneId.systemDefault());
  }

  Worker worker(WorkLimits limits, Clock clock) {
    return worker(slow, Sampling.EVERY, settings(3), limits, clock);
  }

  Worker work(Sampling sampling) {
    return work(sampling, settings(3));
  }

  Worker work(Sampling sampling, QueueSettings settings) {
    return work(detector, sampling, settings);
  }

  Worker work(YoloDetector detector, Sampling sampling, QueueSettings settings) {
    Worker worker = worker(detector, sampling, settings, WorkLimits.DEFAULT, clock());
    work(worker, worker::run);
    return worker;
  }

  Worker worker(
      YoloDetector detector,
      Sampling sampling,
      QueueSettings settings,
      WorkLimits limits,
      Clock clock) {
    JobQueue own = new JobQueue(settings);
    queues.add(own);
    return new Worker(
        own,
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
        clock());
  }

  Thread work(Worker worker, Runnable run) {
    Thread thread = new Thread(run, "worker-" + workers.size());
    thread.start();
    workers.add(worker);
    threads.add(thread);
    return thread;
  }

  QueueSettings settings(int maxAttempts) {
    return settings(maxAttempts, LEASE);
  }

  QueueSettings settings(int maxAttempts, Duration lease) {
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

  void place(Path clip, String name) throws IOException {
    Files.copy(clip, folder.root().resolve(name));
  }

  List<DetectionLine> lines() {
    try (var lines = log.lines()) {
      return lines.toList();
    }
  }

  DetectionLine onlyLine() throws InterruptedException {
    await(() -> !lines().isEmpty());
    assertThat(lines()).hasSize(1);
    return lines().get(0);
  }

  Optional<JobStatus> status(Job job) {
    return status(job.id());
  }

  Optional<JobStatus> status(String job) {
    try {
      return queue.status(job);
    } catch (QueueUnavailableException restarting) {
      return Optional.empty();
    }
  }

  JobStatus awaitState(String job, JobState state) throws InterruptedException {
    await(() -> status(job).filter(status -> status.state() == state).isPresent());
    return status(job).orElseThrow();
  }

  void assertNothingIsLeft(long dead) {
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, dead));
  }

  static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(DEADLINE).pollInterval(Duration.ofMillis(20)).until(condition);
  }
}
