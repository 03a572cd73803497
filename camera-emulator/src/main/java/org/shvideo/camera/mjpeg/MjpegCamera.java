package org.shvideo.camera.mjpeg;

import java.io.IOException;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.CameraBuilder;
import org.shvideo.camera.CameraServer;
import org.shvideo.camera.Fault;
import org.shvideo.camera.Faults;
import org.shvideo.camera.media.JpegVideo;

/**
 * A camera that shows pictures over HTTP, each when it is due; every client sees them from the
 * first on, and none is left out for one who reads slowly. The path with {@code test} behind it is
 * a page that shows the stream in a browser. Thread-safe; closing it takes 5 s at most.
 */
public final class MjpegCamera implements AutoCloseable {
  private final LongFunction<byte[]> pictures;
  private final double framesPerSecond;
  private final RandomGenerator random = new SecureRandom();
  private final CameraServer server;

  private MjpegCamera(Builder from) throws IOException {
    pictures = from.pictures;
    framesPerSecond = from.framesPerSecond;
    server = from.server(this);
  }

  /** A camera to be, at any free port of 127.0.0.1, path {@code /video}, open to everybody. */
  public static Builder serving(JpegVideo video) {
    int count = video.pictures().size();
    return serving(number -> video.pictures().get((int) (number % count)), video.framesPerSecond());
  }

  /**
   * The same with pictures made when they are due.
   *
   * @param pictures the JPEG file of each number from 0 on; called by the threads of all clients
   */
  public static Builder serving(LongFunction<byte[]> pictures, double framesPerSecond) {
    return new Builder(pictures, framesPerSecond);
  }

  private void serve(Socket client) throws IOException, InterruptedException {
    new MjpegConnection(this, client).serve();
  }

  /** What a client is to be given; with the credentials, so not to be logged. */
  public String url() {
    return server.url();
  }

  /** The URL without credentials. */
  public String address() {
    return server.address();
  }

  public int port() {
    return server.port();
  }

  /**
   * Shows these faults from now on, as {@link Fault} says.
   *
   * @throws IllegalArgumentException for a fault that only RTSP can have
   */
  public void inject(Fault... wanted) {
    check(List.of(wanted));
    server.inject(wanted);
  }

  private static void check(List<Fault> wanted) {
    for (Fault fault : wanted) {
      if (fault instanceof Fault.SwitchVideo
          || fault instanceof Fault.PacketLoss
          || fault instanceof Fault.JumpTimestamp
          || fault instanceof Fault.RepeatTimestamp) {
        throw new IllegalArgumentException("MJPEG has no " + fault.getClass().getSimpleName());
      }
    }
  }

  /** Ends all faults; what has struck a stream stays with it. */
  public void clearFaults() {
    server.clearFaults();
  }

  /** How many clients are connected. */
  public int connections() {
    return server.connections();
  }

  /** How many clients have connected since the start. */
  public int totalConnections() {
    return server.totalConnections();
  }

  /** How many clients are being sent pictures. */
  public int playing() {
    return server.faults().streams();
  }

  @Override
  public void close() {
    server.close();
  }

  byte[] picture(long number) {
    return pictures.apply(number);
  }

  double framesPerSecond() {
    return framesPerSecond;
  }

  Authentication authentication() {
    return server.authentication();
  }

  String path() {
    return server.path();
  }

  RandomGenerator random() {
    return random;
  }

  Faults faults() {
    return server.faults();
  }

  /** What a camera is to be like. Not thread-safe. */
  public static final class Builder extends CameraBuilder<Builder> {
    private final LongFunction<byte[]> pictures;
    private final double framesPerSecond;

    private Builder(LongFunction<byte[]> pictures, double framesPerSecond) {
      super(Authentication.Scheme.BASIC, "/video");
      if (!(framesPerSecond > 0)) {
        throw new IllegalArgumentException("a camera has no rate of " + framesPerSecond);
      }
      this.pictures = pictures;
      this.framesPerSecond = framesPerSecond;
    }

    @Override
    protected Builder self() {
      return this;
    }

    private CameraServer server(MjpegCamera camera) throws IOException {
      return server("http", camera.random, camera::serve);
    }

    /**
     * Shown from the start.
     *
     * @throws IllegalArgumentException for a fault that only RTSP can have
     */
    @Override
    public Builder faults(Fault... faults) {
      check(List.of(faults));
      return super.faults(faults);
    }

    /**
     * Opens the port and serves until closed.
     *
     * @throws IOException when the port cannot be had
     */
    public MjpegCamera start() throws IOException {
      MjpegCamera camera = new MjpegCamera(this);
      camera.server.start();
      return camera;
    }
  }
}
