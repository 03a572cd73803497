package org.shvideo.lab.chaos;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.shvideo.camera.Camera;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;
import org.shvideo.capture.CaptureMain;
import org.shvideo.cli.pipeline.ClipAudit;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Polling;
import org.shvideo.lab.measure.ServiceProcess;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerMain;

/**
 * The pipeline of a chaos run: capture, workers and Redis as processes, with test cameras in this
 * process. Not thread-safe.
 */
final class ChaosPipeline implements AutoCloseable {
  static final int WORKERS = 2;
  static final int CAMERAS = 3;

  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int MJPEG_FPS = 8;
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(12);
  private static final Duration OUTBOX_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration QUEUE_TIMEOUT = Duration.ofMinutes(5);

  final EmbeddedRedis redis;
  final Map<String, Camera> cameras = new LinkedHashMap<>();
  final List<ServiceProcess> workers = new ArrayList<>();
  final ServiceProcess capture;

  /** The longest time that a service took to end after SIGTERM. */
  Duration slowestShutdown = Duration.ZERO;

  private final VideoFolder folder;

  /**
   * Starts cameras and Redis, but no service yet. Takes some seconds.
   *
   * @param model a TorchScript file
   * @param logs an existing folder for the output of the services
   */
  ChaosPipeline(VideoFolder folder, Path model, Path logs) throws IOException {
    this.folder = folder;
    this.redis = EmbeddedRedis.start(folder);
    try {
      cameras.put("yard", rtspCamera(1));
      cameras.put("street", rtspCamera(2));
      cameras.put("door", mjpegCamera(3));
    } catch (IOException | RuntimeException e) {
      cameras.values().forEach(Camera::close);
      redis.close();
      throw e;
    }
    Map<String, String> settings = new HashMap<>(redis.environment());
    settings.put("VIDEO_DIR", folder.root().toString());
    settings.put("JOB_LEASE", "8");
    settings.put("JOB_ATTEMPTS", "20"); // enough for a clip whose worker is killed a dozen times
    settings.put("LOGLEVEL", "info");
    settings.put("LC_ALL", "C.UTF-8");
    settings.put("MALLOC_ARENA_MAX", "2");
    capture =
        new ServiceProcess(
            "capture", CaptureMain.class, captureSettings(settings), logs.resolve("capture.log"));
    settings.put("YOLO_MODEL", model.toString());
    settings.put("DETECT_THREADS", "1");
    settings.put("LOG_ROTATE_BYTES", "4K");
    for (int number = 1; number <= WORKERS; number++) {
      workers.add(
          new ServiceProcess(
              "worker " + number,
              WorkerMain.class,
              settings,
              logs.resolve("worker-" + number + ".log")));
    }
  }

  private Map<String, String> captureSettings(Map<String, String> shared) {
    Map<String, String> settings = new HashMap<>(shared);
    settings.put("RECORD_SECONDS", "3");
    settings.put("PRE_ROLL", "1");
    settings.put("MOTION_WARM_UP", "0.5");
    settings.put("CAMERA_TIMEOUT", "3");
    cameras.forEach(
        (name, camera) -> settings.put("RTSP_URL_" + name.toUpperCase(Locale.ROOT), camera.url()));
    return settings;
  }

  private static Camera rtspCamera(long seed) throws IOException {
    return RtspCamera.serving(SceneVideo.encode(new Scene(WIDTH, HEIGHT, 15, seed))).live().start();
  }

  private static Camera mjpegCamera(long seed) throws IOException {
    Scene scene = new Scene(WIDTH, HEIGHT, MJPEG_FPS, seed);
    List<byte[]> pictures = new ArrayList<>();
    for (int index = 0; index < scene.frames(); index++) {
      ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
      ImageIO.write(scene.frame(index), "jpg", jpeg);
      pictures.add(jpeg.toByteArray());
    }
    return MjpegCamera.serving(new JpegVideo(pictures, MJPEG_FPS)).start();
  }

  /** Starts capture and the workers unless they run. */
  void startServices() {
    capture.start();
    workers.forEach(ServiceProcess::start);
  }

  void terminate(ServiceProcess service) throws InterruptedException {
    Duration time = service.terminate(SHUTDOWN_TIMEOUT);
    slowestShutdown = time.compareTo(slowestShutdown) > 0 ? time : slowestShutdown;
  }

  /**
   * Lets the pipeline finish its work: ends all faults, closes the cameras, waits until the outbox
   * is empty, ends capture, waits until the queue is empty, ends the workers.
   *
   * @return what went wrong or was not done in time
   */
  List<String> finish() throws IOException, InterruptedException {
    List<String> problems = new ArrayList<>();
    capture.resume();
    for (ServiceProcess worker : workers) {
      worker.resume();
    }
    startServices();
    cameras.values().forEach(Camera::close);
    if (!Polling.await(OUTBOX_TIMEOUT, () -> isEmpty(folder.outbox()) && !isRecording())) {
      problems.add(
          "capture did not publish and send everything within %d s"
              .formatted(OUTBOX_TIMEOUT.toSeconds()));
    }
    try (JobQueue queue = openQueue()) {
      // What Redis was made to forget is queued again by capture, while it runs.
      if (!Polling.await(
          QUEUE_TIMEOUT, () -> ClipAudit.of(folder, queue, true).unaccounted() == 0)) {
        problems.add("clips are unaccounted after %d min".formatted(QUEUE_TIMEOUT.toMinutes()));
      }
      terminate(capture);
      if (!Polling.await(QUEUE_TIMEOUT, () -> isEmpty(queue.depth()))) {
        problems.add(
            "jobs left after %d min: %s".formatted(QUEUE_TIMEOUT.toMinutes(), queue.depth()));
      }
    }
    for (ServiceProcess worker : workers) {
      terminate(worker);
    }
    problems.addAll(capture.unexpected());
    workers.forEach(worker -> problems.addAll(worker.unexpected()));
    return problems;
  }

  private static boolean isEmpty(QueueDepth depth) {
    return depth.waiting() + depth.started() + depth.retrying() == 0;
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private boolean isRecording() throws IOException {
    try (var files = Files.list(folder.recording())) {
      return files.anyMatch(file -> ClipName.hasExtension(file.toString()));
    }
  }

  /** Connects to the queue; the caller closes it. */
  JobQueue openQueue() {
    return new JobQueue(QueueSettings.from(Settings.of(redis.environment())));
  }

  @Override
  public void close() {
    capture.close();
    workers.forEach(ServiceProcess::close);
    cameras.values().forEach(Camera::close);
    redis.close();
  }
}
