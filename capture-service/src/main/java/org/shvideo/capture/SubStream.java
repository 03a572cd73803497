package org.shvideo.capture;

import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.motion.StreamMotionDetector;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.tasks.lifecycle.Threads;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Detects motion in a camera's sub-stream, on a thread of its own that owns the connection and the
 * decoder, and connects again whenever it breaks. {@link #start} and {@link #close} are for the
 * camera's thread; it runs while one connection to the main stream does, and may then be started
 * again.
 */
final class SubStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SubStream.class);

  /** A stream ends within a fraction of a second, unless its camera does not answer the goodbye. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  /** Silence after which the main stream is to be decoded; twice the time between two packets. */
  private static final long MAX_SILENCE_NANOS = Duration.ofSeconds(3).toNanos();

  /** Longer than motion takes to be detected. */
  private static final long ARRIVALS_MICROS = Duration.ofSeconds(10).toNanos() / 1000;

  /**
   * What the latest packet has shown. Times are those of arrival, by {@link System#nanoTime}: the
   * streams of a camera have no other clock in common.
   *
   * @param sinceNanos when the first moving packet of the motion arrived
   * @param stepNanos from the packet before this one
   * @param resting whether only keyframes are decoded
   * @param learnt whether motion would have been detected
   */
  record Seen(
      boolean moving,
      long sinceNanos,
      long arrivalNanos,
      long stepNanos,
      boolean resting,
      boolean learnt) {
    private boolean isCurrent(long nowNanos) {
      return nowNanos - arrivalNanos <= Math.max(MAX_SILENCE_NANOS, 2 * stepNanos);
    }
  }

  private final Camera camera;
  private final CameraUrl url;
  private final CameraStatus status;
  private final ConnectionLogger logger;
  private final RetryDelay delays = new RetryDelay();
  private CountDownLatch stop = new CountDownLatch(0);
  private Thread thread;

  /** Kept from one start to the next: cameras lock an account after a few wrong passwords. */
  private volatile long retryNanos = System.nanoTime();

  /** Null while there is no connection. */
  private volatile Seen seen;

  private volatile String problem;

  SubStream(Camera camera, CameraUrl url, CameraStatus status) {
    this.camera = camera;
    this.url = url;
    this.status = status;
    this.logger = new ConnectionLogger(camera.name() + " (sub-stream)");
  }

  /**
   * Starts the thread.
   *
   * @param main in whose pixels areas are given; borrowed during this call
   */
  void start(StreamInfo main) {
    CountDownLatch started = new CountDownLatch(1);
    double mainPixels = (double) main.width() * main.height();
    stop = started;
    seen = new Seen(false, 0, System.nanoTime(), 0, false, false); // time to connect
    problem = "it sends no video";
    thread = new Thread(() -> run(started, mainPixels), CameraLoop.THREAD + camera.name());
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * What is seen now; empty if nothing can be, or has been for some seconds.
   *
   * @param nowNanos {@link System#nanoTime}
   */
  Optional<Seen> seen(long nowNanos) {
    return Optional.ofNullable(seen).filter(latest -> latest.isCurrent(nowNanos));
  }

  /** Why nothing can be seen, without secrets. */
  String problem() {
    return problem;
  }

  private void run(CountDownLatch stop, double mainPixels) {
    MDC.put("camera", camera.name());
    try {
      boolean retry = true;
      while (retry && !stop.await(retryNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        retry = watchOnce(stop, mainPixels);
        seen = null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      seen = null;
      MDC.remove("camera");
    }
  }

  /** Returns whether to connect again, at {@link #retryNanos}. */
  private boolean watchOnce(CountDownLatch stop, double mainPixels) {
    long start = System.nanoTime();
    Kind kind = Kind.BROKEN;
    Optional<Duration> wish = Optional.empty();
    try (CameraStream stream = CameraStream.open(url, camera.stream(), stop);
        StreamMotionDetector detector =
            new StreamMotionDetector(
                camera.name(), stream.info(), settings(stream.info(), mainPixels))) {
      logger.connected(url, stream.info());
      stream.snapshotInterval().ifPresent(logger::asksForPictures);
      problem = "it sends no video";
      if (!watch(stream, detector)) {
        problem = url + ": the file has ended";
        return false;
      }
      problem = url + ": no keyframe has come for long since a damaged packet";
    } catch (StreamException e) {
      if (e.kind() == Kind.STOPPED) {
        return false;
      }
      kind = e.kind();
      wish = e.retryAfter();
      problem = e.getMessage();
    } catch (RuntimeException e) {
      LOG.error("Detecting motion in {} failed", url, e);
      problem = url + ": detecting motion failed: " + e.getMessage();
    }
    if (stop.getCount() == 0) {
      return false;
    }
    status.subStreamFailed();
    if (url.isFile()) {
      LOG.error("Cannot play the file {}", problem);
      return false;
    }
    Duration delay = delays.after(kind, wish, start);
    logger.disconnected(kind, problem, delay);
    retryNanos = System.nanoTime() + delay.toNanos();
    return true;
  }

  private MotionSettings settings(StreamInfo info, double mainPixels) {
    return camera.motion().scaled(info.width() * (double) info.height() / mainPixels);
  }

  /** Returns false at the end of a file, true when the stream can no longer be decoded. */
  private boolean watch(CameraStream stream, StreamMotionDetector detector) throws StreamException {
    TreeMap<Long, Long> arrivals = new TreeMap<>();
    long warmUpMicros = camera.motion().warmUp().toNanos() / 1000;
    long before = System.nanoTime();
    while (!detector.needsKeyframe()) {
      try (Packet packet = stream.read()) {
        if (packet == null) {
          return false;
        }
        MotionState motion = detector.accept(packet);
        long arrival = packet.arrivalNanos();
        arrivals.put(packet.ptsMicros(), arrival);
        arrivals.headMap(packet.ptsMicros() - ARRIVALS_MICROS).clear();
        var since = arrivals.floorEntry(motion.sinceMicros());
        seen =
            new Seen(
                motion.moving(),
                since == null ? arrivals.firstEntry().getValue() : since.getValue(),
                arrival,
                arrival - before,
                detector.isResting(),
                packet.ptsMicros() > warmUpMicros);
        before = arrival;
      }
    }
    return true;
  }

  /** Ends the thread, and waits some seconds for it. */
  @Override
  public void close() {
    stop.countDown();
    if (thread == null) {
      return;
    }
    Threads.awaitEnd(thread, CLOSE_TIMEOUT);
    if (thread.isAlive()) {
      LOG.warn("The thread of the sub-stream {} did not end in time.", url);
    }
  }
}
