package org.shvideo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.monitoring.MonitoringClient;
import org.shvideo.tasks.monitoring.MonitoringSettings;
import org.shvideo.tasks.monitoring.PrometheusText;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.YoloDetector;

/** What a worker shows of itself while real parts work and fail. */
@Tag("model")
@Tag("server")
final class WorkerMonitoringTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir private Path temporary;
  private final Monitoring monitoring =
      new Monitoring(new MonitoringSettings("127.0.0.1", OptionalInt.of(0)));
  private TestRedis redis;
  private JobQueue queue;
  private VideoFolder folder;
  private DetectionLog log;
  private YoloDetector detector;
  private Worker worker;
  private Thread thread;

  @BeforeEach
  void start() throws Exception {
    Path model = TestFiles.demoModel();
    folder = new VideoFolder(Files.createDirectories(temporary.resolve("video")));
    log = new DetectionLog(folder.log());
    redis = TestRedis.durable();
    queue = new JobQueue(redis.settings());
    detector = YoloDetector.load(model, 0.5, 0.7, 2);
    Clock clock = Clock.system(ZoneId.systemDefault());
    worker =
        new Worker(
            queue,
            WorkLimits.DEFAULT,
            folder,
            log,
            new ClipAnalyzer(detector, Sampling.EVERY, true, clock),
            new WorkerListener() {},
            clock);
    worker.addTo(monitoring);
    monitoring.watch(queue, State.FAILED);
    monitoring.watch(folder);
    monitoring.start();
    thread = new Thread(worker::run, "worker");
    thread.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (worker != null) {
      worker.close();
      thread.join(20_000);
      detector.close();
      monitoring.close();
      queue.close();
      redis.close();
    }
  }

  @Test
  void jobsFramesAndTimeAreCounted() throws Exception {
    TestClips.still(folder.root().resolve("sign.avi"), TestClips.stopSign(), 12);
    queue.enqueue(Job.forFile("sign.avi"));
    queue.enqueue(Job.forFile("missing.avi"));

    eventually(() -> assertThat(metrics().value("shvideo_clips_failed_total")).isEqualTo(1));

    PrometheusText read = metrics();
    DetectionLine line = log.lines().filter(DetectionLine::ok).findFirst().orElseThrow();
    assertThat(read.value("shvideo_clips_analysed_total")).isEqualTo(1);
    assertThat(read.value("shvideo_jobs_retried_total")).isZero();
    assertThat(read.value("shvideo_frames_decoded_total")).isEqualTo(12);
    assertThat(read.value("shvideo_frames_analysed_total")).isEqualTo(12);
    assertThat(read.value("shvideo_clip_footage_seconds_total"))
        .isEqualTo(line.durationSeconds(), within(0.001));
    double elapsed = read.value("shvideo_clip_analysis_seconds_total");
    assertThat(elapsed).isEqualTo(line.elapsedSeconds(), within(0.001));
    for (String stage :
        new String[] {"decode", "preprocess", "inference", "postprocess", "snapshot", "log"}) {
      assertThat(read.value("shvideo_stage_seconds_total", "stage", stage))
          .as(stage)
          .isPositive()
          .isLessThan(2 * elapsed + 1);
    }
    assertThat(read.value("shvideo_stage_seconds_total", "stage", "inference"))
        .isGreaterThan(read.value("shvideo_stage_seconds_total", "stage", "postprocess"));
    assertThat(read.value("shvideo_model_info", "model", detector.modelName())).isEqualTo(1);
    assertThat(read.value("shvideo_worker_heartbeat_age_seconds")).isBetween(0.0, 20.0);
    eventually(() -> assertThat(metrics().value("shvideo_worker_busy")).isZero());
    MonitoringClient.HealthReport told = MonitoringClient.health(monitoring.port());
    assertThat(told.status()).as("%s", told).isEqualTo(200);
    assertThat(told.check("worker")).isEqualTo("ok: waiting for jobs");
    assertThat(told.check("model")).isEqualTo("ok: " + detector.modelName() + " is loaded");
  }

  @Test
  void redisThatIsAwayIsTold() throws Exception {
    eventually(
        () -> assertThat(MonitoringClient.health(monitoring.port()).status()).isEqualTo(200));

    redis.stop();
    eventually(
        () -> {
          MonitoringClient.HealthReport told = MonitoringClient.health(monitoring.port());
          assertThat(told.status()).isEqualTo(503);
          assertThat(told.check("redis")).startsWith("failed: ").contains("" + redis.port());
          assertThat(told.check("worker")).isEqualTo("ok: waiting for jobs");
        });

    redis.start();
    eventually(
        () -> assertThat(MonitoringClient.health(monitoring.port()).status()).isEqualTo(200));
  }

  @Test
  void logThatCannotBeWrittenIsTold() throws Exception {
    Files.createDirectory(folder.log());
    queue.enqueue(Job.forFile("missing.avi"));

    eventually(
        () -> {
          MonitoringClient.HealthReport told = MonitoringClient.health(monitoring.port());
          assertThat(told.status()).isEqualTo(503);
          assertThat(told.check("worker"))
              .startsWith(
                  "failed: analysing missing.avi, but blocked: Cannot read the detection log");
        });
    assertThat(metrics().value("shvideo_worker_busy")).isEqualTo(1);

    Files.delete(folder.log());
    eventually(
        () -> assertThat(MonitoringClient.health(monitoring.port()).status()).isEqualTo(200));
    eventually(() -> assertThat(metrics().value("shvideo_clips_failed_total")).isEqualTo(1));
  }

  private PrometheusText metrics() throws IOException {
    return MonitoringClient.metrics(monitoring.port());
  }

  private interface Look {
    void look() throws IOException;
  }

  private static void eventually(Look assertion) throws Exception {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      try {
        assertion.look();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }
}
