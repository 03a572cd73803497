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
import org.shvideo.capture.CaptureMain;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.lab.measure.ProcessUsage;
import org.shvideo.lab.measure.ServiceProcess;

/**
 * A capture service that is measured: a process of its own, with cameras in this one, which show
 * each client the video from its beginning. Used by one thread.
 */
final class CaptureSubject implements AutoCloseable {
  private static final String PACKETS = "shvideo_camera_packets_total";

  /** A camera that has just connected is decoded in full: more at once are too much for a core. */
  static final int CAMERAS_AT_ONCE = 10;

  /** Below what makes a service give a camera up. */
  private static final Duration SILENCE = Duration.ofSeconds(6);

  private static final Duration ARRIVES_WITHIN = Duration.ofSeconds(1);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(12);

  private final int cameras;
  private final List<RtspCamera> groups;
  private final ServiceProcess service;
  private final CaptureMetrics metrics;
  private final List<Double> percent = new ArrayList<>();
  private final List<Double> resident = new ArrayList<>();
  private ProcessUsage began;

  private CaptureSubject(
      int cameras, List<RtspCamera> groups, ServiceProcess service, CaptureMetrics metrics) {
    this.cameras = cameras;
    this.groups = groups;
    this.service = service;
    this.metrics = metrics;
  }

  /**
   * Starts the service, which finds none of its cameras yet.
   *
   * @param folder to be made; gets the clips and the output
   * @param settings of the service, besides its cameras and folder
   */
  static CaptureSubject start(
      String name, Path folder, EncodedVideo video, int cameras, Map<String, String> settings)
      throws IOException {
    Map<String, String> environment = new HashMap<>(settings);
    int port = EmbeddedRedis.freePort();
    environment.put("METRICS_PORT", Integer.toString(port));
    environment.put("VIDEO_DIR", Files.createDirectories(folder.resolve("video")).toString());
    List<RtspCamera> groups = new ArrayList<>();
    try {
      for (int camera = 0; camera < cameras; camera++) {
        if (camera % CAMERAS_AT_ONCE == 0) {
          groups.add(RtspCamera.serving(video).faults(new Fault.RefuseConnections()).start());
        }
        environment.put("RTSP_URL_C" + (camera + 1), groups.get(groups.size() - 1).url());
      }
      ServiceProcess service =
          ServiceProcess.likeCapture(name, CaptureMain.class, environment, folder.resolve("log"));
      service.start();
      return new CaptureSubject(cameras, groups, service, new CaptureMetrics(port));
    } catch (IOException | RuntimeException e) {
      groups.forEach(RtspCamera::close);
      throw e;
    }
  }

  String name() {
    return service.name();
  }

  /** Cameras come in groups, one after the other, so that they do not all begin together. */
  int groups() {
    return groups.size();
  }

  /** Lets the cameras of a group be found, if there is such a group. */
  void admit(int group) {
    if (group < groups.size()) {
      groups.get(group).clearFaults();
    }
  }

  /** Whether all cameras play that were admitted, up to that group. */
  boolean plays(int group) {
    int playing = groups.stream().mapToInt(RtspCamera::playing).sum();
    return playing >= Math.min(cameras, (group + 1) * CAMERAS_AT_ONCE);
  }

  /** Motions seen so far, before all cameras; 0 also while the service does not answer yet. */
  double motions() throws InterruptedException {
    try {
      return metrics.sum("shvideo_camera_motion_events_total");
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * Leaves the service one core of the machine.
   *
   * @return whether the machine has a command for that, and it worked
   */
  boolean confine() throws InterruptedException {
    try {
      return new ProcessBuilder("taskset", "-a", "-c", "-p", "0", Long.toString(service.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** What is measured begins. */
  void begin() {
    began = ProcessUsage.of(service.pid());
  }

  /** What is measured ends. */
  void end() {
    ProcessUsage now = ProcessUsage.of(service.pid());
    percent.add(now.percentSince(began));
    resident.add(now.residentMib());
  }

  /** Of one core, for each time that was measured. */
  double[] percent() {
    return percent.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Memory in MiB, for each time that was measured. */
  double[] residentMib() {
    return resident.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Packets received so far, by camera. */
  Map<String, Double> packets() throws IOException, InterruptedException {
    return metrics.ofCameras(PACKETS);
  }

  /** Connections that had to be made again. */
  double reconnects() throws IOException, InterruptedException {
    return metrics.sum("shvideo_camera_reconnects_total");
  }

  /**
   * Packets that were sent, ever, and that the service has not received. Silences all cameras for
   * some seconds, for what is under way to arrive; the last one of each camera does not count,
   * since only the next one tells FFmpeg's parser where it ends.
   */
  double lost() throws IOException, InterruptedException {
    groups.forEach(group -> group.inject(new Fault.Stall(0, SILENCE)));
    double before;
    double received = metrics.sum(PACKETS);
    long until = System.nanoTime() + SILENCE.toNanos() - ARRIVES_WITHIN.toNanos();
    do {
      TimeUnit.MILLISECONDS.sleep(ARRIVES_WITHIN.toMillis());
      before = received;
      received = metrics.sum(PACKETS);
    } while (received != before && System.nanoTime() < until);
    long sent = groups.stream().mapToLong(RtspCamera::unitsSent).sum();
    return Math.max(0, sent - cameras - received);
  }

  /** Ends the service, which takes some seconds at most, and its cameras. */
  @Override
  public void close() {
    try {
      Duration unused = service.terminate(ENDS_WITHIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      service.close();
    }
    groups.forEach(RtspCamera::close);
  }
}
