package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.lab.measure.ProcessUsage;
import org.shvideo.lab.measure.ServiceProcess;

/**
 * A capture service whose resource usage is measured: a process of its own, with test cameras in
 * this process that play a video from its beginning for each client. Not thread-safe.
 */
final class MeasuredCapture implements AutoCloseable {
  private static final String PACKETS = "shvideo_camera_packets_total";

  /** New cameras are fully decoded: one core cannot start more of them at once. */
  static final int GROUP_SIZE = 10;

  /** Shorter than the time after which capture reconnects. */
  private static final Duration STALL = Duration.ofSeconds(6);

  private static final Duration ARRIVAL_TIME = Duration.ofSeconds(1);
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(12);

  /** Processor time in percent of one core, for each measurement. */
  final List<Double> percent = new ArrayList<>();

  /** Memory in MiB, for each measurement. */
  final List<Double> residentMib = new ArrayList<>();

  private final int cameras;
  private final List<RtspCamera> groups;
  private final ServiceProcess service;
  private final CaptureMetrics metrics;
  private ProcessUsage start;

  private MeasuredCapture(
      int cameras, List<RtspCamera> groups, ServiceProcess service, CaptureMetrics metrics) {
    this.cameras = cameras;
    this.groups = groups;
    this.service = service;
    this.metrics = metrics;
  }

  /**
   * Starts the service. Its cameras refuse connections until they are {@linkplain #enable enabled}.
   *
   * @param folder is created; for the clips and the output
   * @param settings of the service, without cameras and folder
   */
  static MeasuredCapture start(
      String name, Path folder, EncodedVideo video, int cameras, Map<String, String> settings)
      throws IOException {
    Map<String, String> environment = new HashMap<>(settings);
    int port = EmbeddedRedis.freePort();
    environment.put("METRICS_PORT", Integer.toString(port));
    environment.put("VIDEO_DIR", Files.createDirectories(folder.resolve("video")).toString());
    List<RtspCamera> groups = new ArrayList<>();
    try {
      for (int camera = 0; camera < cameras; camera++) {
        if (camera % GROUP_SIZE == 0) {
          groups.add(RtspCamera.serving(video).faults(new Fault.RefuseConnections()).start());
        }
        environment.put("RTSP_URL_C" + (camera + 1), groups.get(groups.size() - 1).url());
      }
      ServiceProcess service = ServiceProcess.capture(name, environment, folder.resolve("log"));
      service.start();
      return new MeasuredCapture(cameras, groups, service, new CaptureMetrics(port));
    } catch (IOException | RuntimeException e) {
      groups.forEach(RtspCamera::close);
      throw e;
    }
  }

  String name() {
    return service.name();
  }

  /** The number of groups of cameras, which are enabled one after the other. */
  int groups() {
    return groups.size();
  }

  /** Lets the cameras of a group accept connections, if the group exists. */
  void enable(int group) {
    if (group < groups.size()) {
      groups.get(group).clearFaults();
    }
  }

  /** Whether all cameras up to a group are connected. */
  boolean isPlaying(int group) {
    int playing = groups.stream().mapToInt(RtspCamera::playing).sum();
    return playing >= Math.min(cameras, (group + 1) * GROUP_SIZE);
  }

  /** Motions detected so far by all cameras; 0 while the service does not respond yet. */
  double motions() throws InterruptedException {
    try {
      return metrics.sum("shvideo_camera_motion_events_total");
    } catch (IOException e) {
      return 0;
    }
  }

  /** Restricts the service to one core; false if that failed, as without the command taskset. */
  boolean restrictToOneCore() throws InterruptedException {
    try {
      return new ProcessBuilder(
                  "taskset", "-a", "-c", "-p", "0", Long.toString(service.process().pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  void begin() {
    start = ProcessUsage.of(service.process().pid());
  }

  void end() {
    ProcessUsage now = ProcessUsage.of(service.process().pid());
    percent.add(now.percentSince(start));
    residentMib.add(now.residentMib());
  }

  /** Packets received so far, by camera. */
  Map<String, Double> packets() throws IOException, InterruptedException {
    return metrics.perCamera(PACKETS);
  }

  double reconnects() throws IOException, InterruptedException {
    return metrics.sum("shvideo_camera_reconnects_total");
  }

  /**
   * The number of packets that were sent and not received. Stalls all cameras for some seconds, so
   * that packets in transit arrive. The last packet of each camera does not count: FFmpeg's parser
   * needs the next one to find its end.
   */
  double lost() throws IOException, InterruptedException {
    groups.forEach(group -> group.inject(new Fault.Stall(0, STALL)));
    double before;
    double received = metrics.sum(PACKETS);
    long until = System.nanoTime() + STALL.toNanos() - ARRIVAL_TIME.toNanos();
    do {
      TimeUnit.MILLISECONDS.sleep(ARRIVAL_TIME.toMillis());
      before = received;
      received = metrics.sum(PACKETS);
    } while (received != before && System.nanoTime() < until);
    long sent = groups.stream().mapToLong(RtspCamera::unitsSent).sum();
    return Math.max(0, sent - cameras - received);
  }

  /** Ends the service, which takes at most some seconds, and its cameras. */
  @Override
  public void close() {
    try {
      Duration unused = service.terminate(SHUTDOWN_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      service.close();
    }
    groups.forEach(RtspCamera::close);
  }
}
