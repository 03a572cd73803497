package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Polling;
import org.shvideo.tasks.video.VideoFolder;

/**
 * Capture services that are measured at the same time, with one Redis. Closing it ends them. Not
 * thread-safe.
 */
final class CaptureTestBench implements AutoCloseable {
  /**
   * Settings for idle cameras: short clips, so that the recordings of the first minute have ended
   * when a camera is measured.
   */
  static final Map<String, String> IDLE =
      Map.of("RECORD_SECONDS", "5", "MOTION_DECODE", "suspicious");

  /** As {@link #IDLE}, without rest. */
  static final Map<String, String> IDLE_DECODED =
      Map.of("RECORD_SECONDS", "5", "MOTION_DECODE", "all");

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(60);

  private final Benchmark benchmark;
  private final EmbeddedRedis redis;
  private final List<MeasuredCapture> services = new ArrayList<>();

  /** Starts Redis. The services write into the benchmark's folder; its signal ends each wait. */
  CaptureTestBench(Benchmark benchmark) {
    this.benchmark = benchmark;
    this.redis = EmbeddedRedis.start(new VideoFolder(benchmark.folder));
  }

  /** Starts a service; its cameras are connected by {@link #settle}. */
  MeasuredCapture add(String name, EncodedVideo video, int cameras, Map<String, String> settings)
      throws IOException {
    Map<String, String> environment = new HashMap<>(redis.environment());
    environment.putAll(settings);
    Path own = benchmark.folder.resolve("service-" + services.size());
    MeasuredCapture service = MeasuredCapture.start(name, own, video, cameras, environment);
    services.add(service);
    return service;
  }

  /** Lets the services connect to their cameras, and waits for some time after each group. */
  void settle(int seconds) throws InterruptedException {
    int groups = services.stream().mapToInt(MeasuredCapture::groups).max().orElse(0);
    for (int group = 0; group < groups; group++) {
      int enabled = group;
      services.forEach(service -> service.enable(enabled));
      for (MeasuredCapture service : services) {
        await(
            () -> service.isPlaying(enabled), service.name() + " does not connect to its cameras");
      }
      benchmark.shutdown.sleep(Duration.ofSeconds(seconds));
    }
  }

  void awaitMotion(MeasuredCapture service) throws InterruptedException {
    await(() -> service.motions() > 0, service.name() + " detects no motion");
  }

  void measure(int repeats, Duration duration) throws InterruptedException {
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (MeasuredCapture service : services) {
        service.begin();
      }
      benchmark.shutdown.sleep(duration);
      for (MeasuredCapture service : services) {
        service.end();
      }
    }
  }

  private void await(Polling.Condition<RuntimeException> condition, String failure)
      throws InterruptedException {
    boolean holds =
        Polling.await(
            CONNECT_TIMEOUT,
            () -> {
              benchmark.shutdown.sleep(Duration.ZERO);
              return condition.holds();
            });
    if (!holds) {
      throw new IllegalStateException(failure);
    }
  }

  @Override
  public void close() {
    services.forEach(MeasuredCapture::close);
    redis.close();
  }
}
