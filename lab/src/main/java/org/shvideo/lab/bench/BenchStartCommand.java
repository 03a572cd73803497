package org.shvideo.lab.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.capture.CaptureMain;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.lab.measure.ServiceProcess;
import org.shvideo.lab.measure.Timing;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerMain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how long the services take to become ready, and {@code detect} to finish. */
@Command(
    name = "start",
    hidden = true,
    description = {
      "Measures how soon capture is connected to its camera, a worker takes jobs, and 'detect' has"
          + " analysed a clip of one second.",
      "Starts a Redis in a temporary folder, and a test camera. Each program is started once before"
          + " it is measured, so that its files are unpacked and cached."
    })
final class BenchStartCommand extends Benchmark {
  private static final Duration READY_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  @Option(
      names = "--repeats",
      defaultValue = "5",
      description = "Number of measurements (default: ${DEFAULT-VALUE}).")
  private int repeats;

  @Option(
      names = "--height",
      defaultValue = "1080",
      description = "Height of the drawn picture in pixels (default: ${DEFAULT-VALUE}).")
  private int height;

  private final HttpClient client = HttpClient.newHttpClient();
  private URI health;

  /**
   * A program to start.
   *
   * @param healthText part of the response to {@code /health} when it is ready; null if it is ready
   *     when it has ended
   */
  private record Program(ServiceProcess service, String healthText, String target) {}

  @Override
  void checkOptions() {
    require(repeats > 0, "--repeats", repeats);
  }

  @Override
  void measure() throws IOException, InterruptedException {
    String model = Models.find(Settings.ofProcess()).toAbsolutePath().toString();
    progress("drawing and encoding the scene");
    SceneFootage footage = SceneFootage.draw(new Scene(height * 16 / 9, height, 25, 7));
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(folder));
        RtspCamera camera = RtspCamera.serving(footage.video()).port(0).start()) {
      Path clip = folder.resolve("clip.h264");
      footage.write(clip, footage.busy(), 1);
      Map<String, String> settings = new HashMap<>(redis.environment());
      settings.put("VIDEO_DIR", folder.toString());
      settings.put("LOGLEVEL", "info");
      settings.put("YOLO_MODEL", model);
      settings.put("RTSP_URL", camera.url());
      int port = EmbeddedRedis.freePort();
      settings.put("METRICS_PORT", Integer.toString(port));
      health = URI.create("http://127.0.0.1:%d/health".formatted(port));
      // The worker comes first, because capture may record a clip and queue it.
      ServiceProcess worker =
          program(
              "worker ready, with its model and Redis", "video-worker", WorkerMain.class, settings);
      ServiceProcess capture =
          program("capture ready, with its camera", "capture-service", CaptureMain.class, settings);
      Map<String, String> onlyModel = Map.of("YOLO_MODEL", model);
      ServiceProcess detect =
          program(
              "detect, a clip of 1 s",
              "sh-video",
              ShVideo.class,
              onlyModel,
              "detect",
              clip.toString());
      measure(new Program(worker, " is loaded\"", "≤ 5 s"));
      measure(new Program(capture, "\"connected, ", "≤ 2 s"));
      measure(new Program(detect, null, "≤ 6 s"));
    }
  }

  private ServiceProcess program(
      String name,
      String script,
      Class<?> main,
      Map<String, String> settings,
      String... arguments) {
    Path log = folder.resolve(script + ".log");
    return ServiceProcess.installed(name, script, main, settings, log, arguments);
  }

  private void measure(Program program) throws IOException, InterruptedException {
    String name = program.service().name();
    progress("%s: warming up".formatted(name));
    Timing unused = start(program);
    for (int repeat = 0; repeat < repeats; repeat++) {
      progress("%s: %d of %d".formatted(name, repeat + 1, repeats));
      Timing timing = start(program);
      report.add(name, "s", timing.wall(), program.target());
      report.add(name + ": processor time", "s", timing.processor());
    }
  }

  /** Starts a program, waits until it is ready, and ends it. */
  private Timing start(Program program) throws IOException, InterruptedException {
    ServiceProcess service = program.service();
    long start = System.nanoTime();
    service.start();
    Process process = service.process();
    double processor = 0;
    try {
      while (true) {
        // The time of a process that has ended is unknown: the last value is a little too small.
        processor = Math.max(processor, processorSeconds(process));
        boolean ended = !process.isAlive();
        if (ended && (program.healthText() != null || process.exitValue() != 0)) {
          throw service.failure("ended with status " + process.exitValue());
        }
        if (ended || isReady(program)) {
          return new Timing((System.nanoTime() - start) / 1e9, processor);
        }
        if (System.nanoTime() - start > READY_TIMEOUT.toNanos()) {
          throw service.failure("not reached after %d s".formatted(READY_TIMEOUT.toSeconds()));
        }
        shutdown.sleep(POLL_INTERVAL);
      }
    } finally {
      Duration unused = service.terminate(SHUTDOWN_TIMEOUT);
    }
  }

  private boolean isReady(Program program) throws InterruptedException {
    if (program.healthText() == null) {
      return false;
    }
    HttpRequest request = HttpRequest.newBuilder(health).timeout(READY_TIMEOUT).build();
    try {
      var response = client.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 && response.body().contains(program.healthText());
    } catch (IOException e) {
      return false; // it does not listen yet
    }
  }

  /** Of the process without its children; 0 if unknown. */
  private static double processorSeconds(Process process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
  }
}
