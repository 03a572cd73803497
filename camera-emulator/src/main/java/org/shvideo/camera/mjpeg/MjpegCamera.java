package org.shvideo.camera.mjpeg;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.ConnectionListener;
import org.shvideo.camera.Fault;
import org.shvideo.camera.Faults;
import org.shvideo.camera.media.JpegVideo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A camera that shows pictures over HTTP, each when it is due; every client sees them from the
 * first on, and none is left out for one who reads slowly. The path with {@code test} behind it is
 * a page that shows the stream in a browser. Thread-safe; closing it takes 5 s at most.
 */
public final class MjpegCamera implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MjpegCamera.class);

  private final LongFunction<byte[]> pictures;
  private final double framesPerSecond;
  private final Authentication authentication;
  private final String credentials;
  private final String host;
  private final String path;
  private final RandomGenerator random;
  private final Faults faults;
  private final ConnectionListener listener;

  private MjpegCamera(Builder from, InetAddress bindTo) {
    pictures = from.pictures;
    framesPerSecond = from.framesPerSecond;
    random = new SecureRandom();
    authentication =
        from.user.isEmpty()
            ? Authentication.NONE
            : Authentication.of(from.scheme, from.user, from.password, random);
    credentials = from.user.isEmpty() ? "" : Authentication.inUrl(from.user, from.password);
    host = bindTo.isAnyLocalAddress() ? "127.0.0.1" : bindTo.getHostAddress();
    path = from.path;
    faults = new Faults(from.faults);
    listener = new ConnectionListener("mjpeg-camera", bindTo, from.port, this::serve);
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
    return "http://" + credentials + host + ":" + port() + path;
  }

  /** The URL without credentials. */
  public String address() {
    return "http://" + host + ":" + port() + path;
  }

  public int port() {
    return listener.port();
  }

  /**
   * Shows these faults from now on, as {@link Fault} says.
   *
   * @throws IllegalArgumentException for a fault that only RTSP can have
   */
  public void inject(Fault... wanted) {
    check(List.of(wanted));
    for (Fault fault : wanted) {
      log.info("camera {} shows {}", address(), fault.getClass().getSimpleName());
      faults.inject(fault);
      if (fault instanceof Fault.RefuseConnections) {
        listener.refuse();
      }
    }
  }

  private static void check(List<Fault> wanted) {
    for (Fault fault : wanted) {
      if (fault instanceof Fault.SwitchVideo
          || fault instanceof Fault.JumpTime
          || fault instanceof Fault.RepeatTime) {
        throw new IllegalArgumentException("MJPEG has no " + fault.getClass().getSimpleName());
      }
    }
  }

  /** Ends all faults; what has struck a stream stays with it. */
  public void heal() {
    faults.heal();
    listener.admit();
  }

  /** How many clients are connected. */
  public int connections() {
    return listener.connections();
  }

  /** How many clients have connected since the start. */
  public int connectionsSoFar() {
    return listener.connectionsSoFar();
  }

  /** How many clients are being sent pictures. */
  public int playing() {
    return faults.streams();
  }

  @Override
  public void close() {
    listener.close();
    log.info("camera {} closed", address());
  }

  byte[] picture(long number) {
    return pictures.apply(number);
  }

  double framesPerSecond() {
    return framesPerSecond;
  }

  Authentication authentication() {
    return authentication;
  }

  String path() {
    return path;
  }

  RandomGenerator random() {
    return random;
  }

  Faults faults() {
    return faults;
  }

  /** What a camera is to be like. Not thread-safe. */
  public static final class Builder {
    private final LongFunction<byte[]> pictures;
    private final double framesPerSecond;
    private String user = "";
    private String password = "";
    private Authentication.Scheme scheme = Authentication.Scheme.BASIC;
    private String host = "127.0.0.1";
    private int port;
    private String path = "/video";
    private List<Fault> faults = List.of();

    private Builder(LongFunction<byte[]> pictures, double framesPerSecond) {
      if (!(framesPerSecond > 0)) {
        throw new IllegalArgumentException("a camera has no rate of " + framesPerSecond);
      }
      this.pictures = pictures;
      this.framesPerSecond = framesPerSecond;
    }

    /** Lets in only this user; by the Basic scheme unless {@link #scheme} says otherwise. */
    public Builder credentials(String user, String password) {
      this.user = user;
      this.password = password;
      return this;
    }

    public Builder scheme(Authentication.Scheme scheme) {
      this.scheme = scheme;
      return this;
    }

    /** Where to listen: 127.0.0.1 unless set, {@code 0.0.0.0} for everywhere. */
    public Builder host(String host) {
      this.host = host;
      return this;
    }

    /** 0, the default, for any that is free. */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /** With a leading slash. */
    public Builder path(String path) {
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("a path begins with a slash: " + path);
      }
      this.path = path;
      return this;
    }

    /** Shown from the start. */
    public Builder faults(Fault... faults) {
      check(List.of(faults));
      this.faults = List.of(faults);
      return this;
    }

    /**
     * Opens the port and serves until closed.
     *
     * @throws IOException when the port cannot be had
     */
    public MjpegCamera start() throws IOException {
      MjpegCamera camera = new MjpegCamera(this, InetAddress.getByName(host));
      camera.listener.start(faults.stream().anyMatch(Fault.RefuseConnections.class::isInstance));
      log.info("camera at {}", camera.address());
      return camera;
    }
  }
}
