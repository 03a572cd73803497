package org.shvideo.lab.chaos;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;
import org.shvideo.capture.CaptureMain;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.lab.chaos.ChaosPlan.Strike;
import org.shvideo.lab.measure.ServiceProcess;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerMain;

/**
 * The pipeline in processes of their own (capture, workers, Redis; the cameras are in this one),
 * struck by a {@link ChaosPlan} and then left to settle. Used by one thread.
 */
final class ChaosRun implements AutoCloseable {
  static final int WORKERS = 2;
  static final int CAMERAS = 3;

  private static final int PICTURES_PER_SECOND = 8;
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(12);
  private static final Duration OUTBOX_WITHIN = Duration.ofSeconds(60);
  private static final Duration QUEUE_WITHIN = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(50);

  /** Redis forces its data to disk each second; a power cut takes what is younger. */
  private static final Duration LOST_IN_POWER_CUT = Duration.ofSeconds(1);

  private static final Duration WRITES_WITHIN = Duration.ofSeconds(3);

  /**
   * What all kinds of test cameras can be told.
   *
   * @param url with credentials, if it has any
   */
  private record TestCamera(
      String name, String url, Consumer<Fault[]> faults, Runnable healing, Runnable end) {
    void inject(Fault... wanted) {
      faults.accept(wanted);
    }

    void clearFaults() {
      healing.run();
    }

    void close() {
      end.run();
    }
  }

  private final VideoFolder folder;
  private final EmbeddedRedis redis;
  private final List<TestCamera> cameras = new ArrayList<>();
  private final List<ServiceProcess> workers = new ArrayList<>();
  private final ServiceProcess capture;
  private final ChaosWitness witness;
  private final Map<ChaosFault, Integer> struck = new EnumMap<>(ChaosFault.class);
  private Duration slowestEnd = Duration.ZERO;
  private long lostInPowerCuts;

  private ChaosRun(VideoFolder folder, EmbeddedRedis redis, Path model, Path logs)
      throws IOException {
    this.folder = folder;
    this.redis = redis;
    this.witness = new ChaosWitness(folder);
    Map<String, String> shared = new HashMap<>(redis.environment());
    shared.put("VIDEO_DIR", folder.root().toString());
    shared.put("JOB_LEASE", "8");
    shared.put("JOB_ATTEMPTS", "20"); // not even a clip that was struck a dozen times is given up
    shared.put("LOGLEVEL", "info");
    shared.put("LC_ALL", "C.UTF-8");
    shared.put("MALLOC_ARENA_MAX", "2");
    try {
      Map<String, String> ofCapture = new LinkedHashMap<>(shared);
      ofCapture.put("RECORD_SECONDS", "3");
      ofCapture.put("PRE_ROLL", "1");
      ofCapture.put("MOTION_WARM_UP", "0.5");
      ofCapture.put("CAMERA_TIMEOUT", "3");
      ofCapture.put("RTSP_URL_YARD", add(rtsp("yard", 1)));
      ofCapture.put("RTSP_URL_STREET", add(rtsp("street", 2)));
      ofCapture.put("RTSP_URL_DOOR", add(pictures("door", 3)));
      capture =
          new ServiceProcess("capture", CaptureMain.class, ofCapture, logs.resolve("capture.log"));
      for (int number = 1; number <= WORKERS; number++) {
        Map<String, String> ofWorker = new LinkedHashMap<>(shared);
        ofWorker.put("YOLO_MODEL", model.toString());
        ofWorker.put("DETECT_THREADS", "1");
        ofWorker.put("LOG_ROTATE_BYTES", "4K");
        workers.add(
            new ServiceProcess(
                "worker " + number,
                WorkerMain.class,
                ofWorker,
                logs.resolve("worker-" + number + ".log")));
      }
    } catch (IOException | RuntimeException e) {
      cameras.forEach(TestCamera::close);
      throw e;
    }
  }

  /**
   * Makes the cameras and starts Redis, which takes some seconds, and no service yet.
   *
   * @param model a TorchScript file
   * @param logs an existing folder for the services' output
   */
  static ChaosRun open(VideoFolder folder, Path model, Path logs) throws IOException {
    EmbeddedRedis redis = EmbeddedRedis.start(folder);
    try {
      return new ChaosRun(folder, redis, model, logs);
    } catch (IOException | RuntimeException e) {
      redis.close();
      throw e;
    }
  }

  /** Keeps the camera, to be closed with this, and returns its URL. */
  private String add(TestCamera camera) {
    cameras.add(camera);
    return camera.url();
  }

  private static TestCamera rtsp(String name, long seed) throws IOException {
    RtspCamera camera =
        RtspCamera.serving(SceneVideo.encode(new Scene(640, 360, 15, seed))).live().start();
    return new TestCamera(name, camera.url(), camera::inject, camera::clearFaults, camera::close);
  }

  private static TestCamera pictures(String name, long seed) throws IOException {
    Scene scene = new Scene(640, 360, PICTURES_PER_SECOND, seed);
    List<byte[]> pictures = new ArrayList<>();
    for (int index = 0; index < scene.frames(); index++) {
      pictures.add(jpeg(scene.frame(index)));
    }
    MjpegCamera camera = MjpegCamera.serving(new JpegVideo(pictures, PICTURES_PER_SECOND)).start();
    return new TestCamera(name, camera.url(), camera::inject, camera::clearFaults, camera::close);
  }

  private static byte[] jpeg(BufferedImage picture) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(picture, "jpg", bytes);
    return bytes.toByteArray();
  }

  /**
   * Starts the services and carries out the plan.
   *
   * @param interruption ends the run early
   * @param told is given each strike as it begins
   */
  void strike(ChaosPlan plan, ShutdownSignal interruption, Told told)
      throws IOException, InterruptedException {
    witness.start();
    startAll();
    long began = System.nanoTime();
    PriorityQueue<Strike> active = new PriorityQueue<>(Comparator.comparing(Strike::end));
    Deque<Strike> ahead = new ArrayDeque<>(plan.strikes());
    while (!ahead.isEmpty() || !active.isEmpty()) {
      // In the plan's order also when it is late, because a process took long to end: nothing is
      // struck again before it was set right.
      boolean setsRight =
          ahead.isEmpty()
              || (!active.isEmpty() && active.peek().end().compareTo(ahead.peek().at()) <= 0);
      Duration due = setsRight ? active.peek().end() : ahead.peek().at();
      Duration now = Duration.ofNanos(System.nanoTime() - began);
      if (due.compareTo(now) > 0) {
        if (interruption.await(due.minus(now))) {
          return;
        }
      } else if (setsRight) {
        end(active.remove());
      } else {
        Strike strike = ahead.remove();
        told.strike(now, strike);
        begin(strike);
        active.add(strike);
      }
    }
  }

  /** Hears of each strike. */
  interface Told {
    void strike(Duration at, Strike strike);
  }

  private void startAll() {
    capture.start();
    workers.forEach(ServiceProcess::start);
  }

  private void begin(Strike strike) throws IOException, InterruptedException {
    struck.merge(strike.fault(), 1, Integer::sum);
    ServiceProcess worker = workers.get(strike.index() % WORKERS);
    TestCamera camera = cameras.get(strike.index());
    switch (strike.fault()) {
      case CAPTURE_KILLED -> killCapture();
      case CAPTURE_TERMINATED -> terminate(capture);
      case CAPTURE_FROZEN -> {
        cameras.forEach(each -> witness.disturbed(each.name()));
        capture.freeze();
      }
      case WORKER_KILLED -> worker.kill();
      case WORKER_TERMINATED -> terminate(worker);
      case WORKER_FROZEN -> worker.freeze();
      case REDIS_KILLED -> killRedis();
      case REDIS_RESTARTED -> redis.process().destroy();
      case REDIS_FROZEN -> ServiceProcess.signal(redis.process(), "STOP");
      case REDIS_POWER_CUT -> {
        witness.awaitAppended(WRITES_WITHIN); // a cut that finds nothing to lose shows nothing
        Map<Path, Long> onDisk = witness.appendedBefore(LOST_IN_POWER_CUT);
        killRedis();
        cut(onDisk);
      }
      case ALL_KILLED -> {
        killCapture();
        for (ServiceProcess each : workers) {
          each.kill();
        }
        killRedis();
      }
      case CAMERA_OFF -> disturb(camera, new Fault.RefuseConnections(), new Fault.Disconnect(0));
      case CAMERA_SILENT -> disturb(camera, new Fault.NoResponse(), new Fault.Disconnect(0));
      case CAMERA_UNAVAILABLE ->
          disturb(camera, new Fault.ErrorResponse(503), new Fault.Disconnect(0));
      case CAMERA_STALLS -> disturb(camera, new Fault.Stall(0, strike.length()));
      case CAMERA_DROPS -> disturb(camera, new Fault.Disconnect(0));
      case CAMERA_SENDS_GARBAGE -> disturb(camera, new Fault.Garbage(0, 5000));
      case CAMERA_LOSES_PACKETS -> disturb(camera, new Fault.DropPackets(0, 30));
    }
  }

  private void end(Strike strike) throws IOException, InterruptedException {
    switch (strike.fault()) {
      case CAPTURE_KILLED, CAPTURE_TERMINATED -> capture.start();
      case CAPTURE_FROZEN -> {
        capture.thaw();
        cameras.forEach(each -> witness.disturbed(each.name()));
      }
      case WORKER_KILLED, WORKER_TERMINATED -> workers.get(strike.index()).start();
      case WORKER_FROZEN -> workers.get(strike.index()).thaw();
      case REDIS_KILLED, REDIS_RESTARTED, REDIS_POWER_CUT -> restartRedis();
      case REDIS_FROZEN -> ServiceProcess.signal(redis.process(), "CONT");
      case ALL_KILLED -> {
        restartRedis();
        startAll();
      }
      case CAMERA_OFF,
          CAMERA_SILENT,
          CAMERA_UNAVAILABLE,
          CAMERA_STALLS,
          CAMERA_DROPS,
          CAMERA_SENDS_GARBAGE,
          CAMERA_LOSES_PACKETS -> {
        cameras.get(strike.index()).clearFaults();
        witness.disturbed(cameras.get(strike.index()).name());
      }
    }
  }

  private void disturb(TestCamera camera, Fault... faults) {
    witness.disturbed(camera.name());
    camera.inject(faults);
  }

  private void killCapture() throws InterruptedException {
    witness.captureIsKilled(Instant.now());
    capture.kill();
  }

  private void terminate(ServiceProcess service) throws InterruptedException {
    Duration took = service.terminate(ENDS_WITHIN);
    slowestEnd = took.compareTo(slowestEnd) > 0 ? took : slowestEnd;
  }

  private void killRedis() throws InterruptedException {
    redis.process().destroyForcibly();
    awaitRedisGone();
  }

  private void restartRedis() throws IOException, InterruptedException {
    awaitRedisGone();
    redis.restart();
  }

  private void awaitRedisGone() throws InterruptedException {
    try {
      redis.process().onExit().get(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("Redis does not end", e);
    }
  }

  /** As a power cut does: what was handed to the system but not forced to disk is gone. */
  private void cut(Map<Path, Long> onDisk) throws IOException {
    for (var size : onDisk.entrySet()) {
      if (Files.exists(size.getKey())) {
        try (FileChannel file = FileChannel.open(size.getKey(), StandardOpenOption.WRITE)) {
          lostInPowerCuts += Math.max(0, file.size() - size.getValue());
          file.truncate(size.getValue());
        }
      }
    }
  }

  /**
   * Lets the pipeline come to rest: cameras are healed and end, the outbox empties, capture ends,
   * the queue empties, the workers end.
   *
   * @return what did not come to rest in time
   */
  List<String> settle() throws IOException, InterruptedException {
    List<String> restless = new ArrayList<>();
    capture.thaw();
    workers.forEach(ServiceProcess::start);
    for (ServiceProcess worker : workers) {
      worker.thaw();
    }
    capture.start();
    cameras.forEach(TestCamera::close);
    if (!await(OUTBOX_WITHIN, () -> isEmpty(folder.outbox()) && recordings() == 0)) {
      restless.add(
          "capture did not publish and send everything within " + OUTBOX_WITHIN.toSeconds() + " s");
    }
    terminate(capture);
    try (JobQueue queue = queue()) {
      if (!await(QUEUE_WITHIN, () -> isEmpty(queue.depth()))) {
        restless.add("jobs were left after " + QUEUE_WITHIN.toMinutes() + " min: " + queue.depth());
      }
    }
    for (ServiceProcess worker : workers) {
      terminate(worker);
    }
    witness.stop();
    restless.addAll(capture.unexpected());
    workers.forEach(worker -> restless.addAll(worker.unexpected()));
    return restless;
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static boolean await(Duration atMost, Condition condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
    return true;
  }

  private static boolean isEmpty(QueueDepth depth) {
    return depth.waiting() + depth.started() + depth.retrying() == 0;
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private long recordings() throws IOException {
    try (var files = Files.list(folder.recording())) {
      return files.filter(file -> file.toString().endsWith(ClipName.EXTENSION)).count();
    }
  }

  /** Where the jobs are; to be closed by the caller. */
  JobQueue queue() {
    return new JobQueue(QueueSettings.from(Settings.of(redis.environment())));
  }

  ChaosWitness witness() {
    return witness;
  }

  /** How often each fault struck. */
  Map<ChaosFault, Integer> struck() {
    return struck;
  }

  /** How many bytes Redis had written and did not find again. */
  long lostInPowerCuts() {
    return lostInPowerCuts;
  }

  /** The longest that a service took to end when it was told to. */
  Duration slowestEnd() {
    return slowestEnd;
  }

  @Override
  public void close() {
    witness.stop();
    capture.close();
    workers.forEach(ServiceProcess::close);
    cameras.forEach(TestCamera::close);
    redis.close();
  }
}
