package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.lab.measure.ProcessUsage;
import org.shvideo.lab.measure.ServiceProcess;

/**
 * The prototype's way to look for motion as a process of its own, with a camera in this one. Used
 * by one thread.
 */
final class PrototypeSubject implements AutoCloseable {
  private static final Duration FRAME_WITHIN = Duration.ofSeconds(30);
  private static final Duration LOOKS_EVERY = Duration.ofMillis(20);

  private final RtspCamera camera;
  private final double frameRate;
  private final ServiceProcess process;
  private final Path dots;

  private PrototypeSubject(RtspCamera camera, double frameRate, ServiceProcess process, Path dots) {
    this.camera = camera;
    this.frameRate = frameRate;
    this.process = process;
    this.dots = dots;
  }

  /**
   * Starts it.
   *
   * @param dots a file to be made: a byte for each frame
   */
  static PrototypeSubject start(Path dots, EncodedVideo video) throws IOException {
    RtspCamera camera = RtspCamera.serving(video).start();
    ServiceProcess process =
        ServiceProcess.likeCapture(
            "the prototype", PrototypeMotion.class, Map.of("RTSP_URL", camera.url()), dots);
    process.start();
    return new PrototypeSubject(camera, video.frameRate(), process, dots);
  }

  /**
   * Waits until it has got so far, which may take longer than the stream does.
   *
   * @param seconds of the stream, from now
   * @return processor time for each second of the stream, in per cent
   */
  double percent(int seconds, ShutdownSignal interruption)
      throws IOException, InterruptedException {
    long from = frames(0, interruption);
    ProcessUsage began = ProcessUsage.of(process.pid());
    long to = frames(from + Math.round(seconds * frameRate), interruption);
    double processor = ProcessUsage.of(process.pid()).processor() - began.processor();
    return 100 * processor / ((to - from) / frameRate);
  }

  /** How many it has looked at, when there are more than so many. */
  private long frames(long moreThan, ShutdownSignal interruption)
      throws IOException, InterruptedException {
    long found = Files.size(dots);
    long progressed = System.nanoTime();
    while (found <= moreThan) {
      interruption.sleep(LOOKS_EVERY);
      long now = Files.size(dots);
      if (now > found) {
        progressed = System.nanoTime();
      } else if (System.nanoTime() - progressed > FRAME_WITHIN.toNanos()) {
        throw new IllegalStateException("the prototype does not get on: " + Files.readString(dots));
      }
      found = now;
    }
    return found;
  }

  @Override
  public void close() {
    process.close();
    camera.close();
  }
}
