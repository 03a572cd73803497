package org.shvideo.camera.rtsp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.ConnectionListener;
import org.shvideo.camera.Fault;
import org.shvideo.camera.Faults;
import org.shvideo.camera.media.EncodedVideo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A camera that shows a video in a loop over RTSP, by TCP or UDP. Every client sees it from its
 * beginning, and receives exactly the NAL units of {@link EncodedVideo#units}; time stamps go on
 * growing from loop to loop. Thread-safe; closing it takes 5 s at most.
 */
public final class RtspCamera implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RtspCamera.class);

  private final AtomicReference<EncodedVideo> served;
  private final Authentication authentication;
  private final String credentials;
  private final String host;
  private final String path;
  private final Duration sessionTimeout;
  private final Clock clock;
  private final RandomGenerator random;
  private final Faults faults;
  private final ConnectionListener listener;
  private final OptionalLong liveSinceNanos;
  private final AtomicInteger playbacks = new AtomicInteger();

  private RtspCamera(Builder from, InetAddress bindTo) {
    random = from.random;
    served = new AtomicReference<>(from.video);
    authentication =
        from.user.isEmpty()
            ? Authentication.NONE
            : Authentication.of(from.scheme, from.user, from.password, random);
    credentials = from.user.isEmpty() ? "" : Authentication.inUrl(from.user, from.password);
    host = bindTo.isAnyLocalAddress() ? "127.0.0.1" : bindTo.getHostAddress();
    path = from.path;
    sessionTimeout = from.sessionTimeout;
    clock = from.clock;
    faults = new Faults(from.faults);
    liveSinceNanos = from.live ? OptionalLong.of(System.nanoTime()) : OptionalLong.empty();
    listener = new ConnectionListener("rtsp-camera", bindTo, from.port, this::serve);
  }

  /** A camera to be, at any free port of 127.0.0.1, path {@code /live}, open to everybody. */
  public static Builder serving(EncodedVideo video) {
    return new Builder(video);
  }

  private void serve(Socket client) throws IOException, InterruptedException {
    try (RtspConnection connection = new RtspConnection(this, client)) {
      connection.serve();
    }
  }

  /** What a client is to be given; with the credentials, so not to be logged. */
  public String url() {
    return "rtsp://" + credentials + host + ":" + port() + path;
  }

  /** The URL without credentials. */
  public String address() {
    return "rtsp://" + host + ":" + port() + path;
  }

  public int port() {
    return listener.port();
  }

  /** Shows these faults from now on, as {@link Fault} says. */
  public void inject(Fault... wanted) {
    for (Fault fault : wanted) {
      log.info("camera {} shows {}", address(), fault.getClass().getSimpleName());
      faults.inject(fault);
      if (fault instanceof Fault.RefuseConnections) {
        listener.refuse();
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

  AtomicReference<EncodedVideo> served() {
    return served;
  }

  Authentication authentication() {
    return authentication;
  }

  Duration sessionTimeout() {
    return sessionTimeout;
  }

  RandomGenerator random() {
    return random;
  }

  Faults faults() {
    return faults;
  }

  boolean serves(String requested) {
    String control = "/" + SessionDescription.CONTROL;
    String stream =
        requested.endsWith(control)
            ? requested.substring(0, requested.length() - control.length())
            : requested;
    return stream.equals(path) || stream.equals(path + "/");
  }

  Playback playbackTo(PacketOutput output, Socket client) {
    String name = "rtsp-camera-" + port() + "-playback-" + playbacks.incrementAndGet();
    return new Playback(name, served, faults, output, client, clock, random, liveSinceNanos);
  }

  /** What a camera is to be like. Not thread-safe. */
  public static final class Builder {
    private final EncodedVideo video;
    private String user = "";
    private String password = "";
    private Authentication.Scheme scheme = Authentication.Scheme.DIGEST;
    private String host = "127.0.0.1";
    private int port;
    private String path = "/live";
    private Duration sessionTimeout = Duration.ofSeconds(60);
    private Clock clock = Clock.systemUTC();
    private RandomGenerator random = new SecureRandom();
    private List<Fault> faults = List.of();
    private boolean live;

    private Builder(EncodedVideo video) {
      this.video = video;
    }

    /** Lets in only this user; by the Digest scheme unless {@link #scheme} says otherwise. */
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

    /** With a leading slash; a query belongs to it: {@code /cam/realmonitor?channel=1}. */
    public Builder path(String path) {
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("a path begins with a slash: " + path);
      }
      this.path = path;
      return this;
    }

    /** How long a client may be silent, receiver reports included; 60 s unless set. */
    public Builder sessionTimeout(Duration timeout) {
      this.sessionTimeout = timeout;
      return this;
    }

    /** The wall clock of the sender reports. */
    public Builder clock(Clock clock) {
      this.clock = clock;
      return this;
    }

    /** For session ids, nonces and first values of RTP; must be thread-safe. */
    public Builder random(RandomGenerator random) {
      this.random = random;
      return this;
    }

    /**
     * Shows all clients the same at the same time, as a real camera: each from the next keyframe
     * on.
     */
    public Builder live() {
      this.live = true;
      return this;
    }

    /** Shown from the start. */
    public Builder faults(Fault... faults) {
      this.faults = List.of(faults);
      return this;
    }

    /**
     * Opens the port and serves until closed.
     *
     * @throws IOException when the port cannot be had
     */
    public RtspCamera start() throws IOException {
      RtspCamera camera = new RtspCamera(this, InetAddress.getByName(host));
      camera.listener.start(faults.stream().anyMatch(Fault.RefuseConnections.class::isInstance));
      log.info("camera at {}", camera.address());
      return camera;
    }
  }
}
