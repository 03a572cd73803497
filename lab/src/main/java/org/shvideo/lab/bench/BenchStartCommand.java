package org.shvideo.lab.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.capture.CaptureMain;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.TemporaryFolder;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.measure.BenchReport;
import org.shvideo.lab.measure.Cost;
import org.shvideo.lab.measure.SceneClip;
import org.shvideo.lab.measure.ServiceProcess;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerMain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures how long it takes from a start to where the services, and {@code detect}, are of use.
 */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = {
      "How soon capture has its camera, a worker takes jobs, and 'detect' is done with a clip of"
          + " one second.",
      "Starts a Redis of its own in a temporary folder, and a test camera. Each starts once before"
          + " it is measured, so that all that is unpacked or read once is there."
    })
final class BenchStartCommand implements Callable<Integer> {
  private static final Duration READY_WITHIN = Duration.ofMinutes(2);
  private static final Duration END_WITHIN = Duration.ofSeconds(20);
  private static final Duration LOOK_EACH = Duration.ofMillis(10);

  @Option(
      names = "--repeats",
      defaultValue = "5",
      description = "How often each is measured; ${DEFAULT-VALUE} where not given.")
  private int repeats;

  @Option(
      names = "--height",
      defaultValue = "1080",
      description = "Of the drawn picture, pixels; ${DEFAULT-VALUE} where not given.")
  private int height;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  private final BenchReport report = new BenchReport("start");
  private final HttpClient client = HttpClient.newHttpClient();

  /**
   * Something that is started.
   *
   * @param port where it answers {@code /health}; 0 where it is ready when it has ended
   * @param answer what it answers, in part, when it is ready
   */
  private record Subject(
      String name,
      List<String> command,
      Map<String, String> settings,
      Path log,
      int port,
      String answer) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (repeats < 1) {
      throw new ParameterException(spec.commandLine(), "--repeats: at least 1.");
    }
    LogLevel.ERROR.apply();
    String model = Models.find(Settings.ofProcess()).toAbsolutePath().toString();
    BenchReport.say(spec, "drawing and encoding the scene");
    SceneClip scene = SceneClip.draw(new Scene(height * 16 / 9, height, 25, 7));
    try (ShutdownSignal interruption = new ShutdownSignal(spec.commandLine().getErr());
        TemporaryFolder folder = TemporaryFolder.make("sh-video-bench");
        EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(folder.path()));
        RtspCamera camera = RtspCamera.serving(scene.video()).port(0).start()) {
      Path log = folder.path().resolve("log");
      Path clip = folder.path().resolve("clip.h264");
      scene.writeBusy(clip, 1);

      Map<String, String> service = new HashMap<>(redis.environment());
      service.put("VIDEO_DIR", folder.path().toString());
      service.put("LOGLEVEL", "info");
      service.put("YOLO_MODEL", model);
      service.put("RTSP_URL", camera.address().toString());
      int port = EmbeddedRedis.freePort();
      service.put("METRICS_PORT", Integer.toString(port));
      // The worker first: capture may record something, and queue it.
      measure(
          new Subject(
              "worker ready, with its model and Redis",
              ServiceProcess.installed("video-worker", WorkerMain.class),
              service,
              log,
              port,
              " is loaded\""),
          "≤ 5 s",
          interruption);
      measure(
          new Subject(
              "capture ready, with its camera",
              ServiceProcess.installed("capture-service", CaptureMain.class),
              service,
              log,
              port,
              "\"connected, "),
          "≤ 2 s",
          interruption);
      List<String> detect = new ArrayList<>(ServiceProcess.installed("sh-video", ShVideo.class));
      detect.addAll(List.of("detect", clip.toString()));
      measure(
          new Subject("detect, a clip of 1 s", detect, Map.of("YOLO_MODEL", model), log, 0, ""),
          "≤ 6 s",
          interruption);
    }
    report.print(spec.commandLine().getOut(), asJson);
    return 0;
  }

  private void measure(Subject subject, String target, ShutdownSignal interruption)
      throws IOException, InterruptedException {
    BenchReport.say(spec, subject.name() + ": warming up");
    Cost unused = start(subject, interruption);
    double[] wall = new double[repeats];
    double[] processor = new double[repeats];
    for (int repeat = 0; repeat < repeats; repeat++) {
      BenchReport.say(spec, "%s: %d of %d".formatted(subject.name(), repeat + 1, repeats));
      Cost cost = start(subject, interruption);
      wall[repeat] = cost.wall();
      processor[repeat] = cost.processor();
    }
    report.add(subject.name(), "s", wall, target);
    if (processor[0] > 0) {
      report.add(subject.name() + ": processor time", "s", processor, "");
    }
  }

  /** Starts it, waits until it is ready, and ends it. */
  private Cost start(Subject subject, ShutdownSignal interruption)
      throws IOException, InterruptedException {
    Files.deleteIfExists(subject.log());
    ProcessBuilder builder =
        ServiceProcess.builder(subject.command(), subject.settings(), subject.log());
    long began = System.nanoTime();
    double processor = 0;
    Process process = builder.start();
    try {
      while (true) {
        // What has ended no longer tells: what it told last is a moment too little.
        processor = Math.max(processor, processorSeconds(process));
        boolean ended = !process.isAlive();
        if (ended && (subject.port() > 0 || process.exitValue() != 0)) {
          throw failure(subject, "has ended with status " + process.exitValue());
        }
        if (ended || (subject.port() > 0 && isReady(subject))) {
          return new Cost((System.nanoTime() - began) / 1e9, processor);
        }
        if (System.nanoTime() - began > READY_WITHIN.toNanos()) {
          throw failure(subject, "is not ready within %d s".formatted(READY_WITHIN.toSeconds()));
        }
        interruption.sleep(LOOK_EACH);
      }
    } finally {
      process.destroy();
      if (!process.waitFor(END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private boolean isReady(Subject subject) throws InterruptedException {
    URI health = URI.create("http://127.0.0.1:%d/health".formatted(subject.port()));
    try {
      var answer =
          client.send(
              HttpRequest.newBuilder(health).timeout(READY_WITHIN).build(),
              BodyHandlers.ofString());
      return answer.statusCode() == 200 && answer.body().contains(subject.answer());
    } catch (IOException e) {
      return false; // it does not listen yet
    }
  }

  /** Of the process itself, without its children; 0 where the system does not tell. */
  private static double processorSeconds(Process process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
  }

  private static UserException failure(Subject subject, String what) throws IOException {
    return ServiceProcess.failure(
        "%s: %s %s".formatted(subject.name(), subject.command().get(0), what), subject.log());
  }
}
