package org.shvideo.camera.rtsp;

import java.io.IOException;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.CameraBuilder;
import org.shvideo.camera.CameraServer;
import org.shvideo.camera.Fault;
import org.shvideo.camera.Faults;
import org.shvideo.camera.media.EncodedVideo;

/**
 * A camera that shows a video in a loop over RTSP, by TCP or UDP. Every client sees it from its
 * beginning, and receives exactly the NAL units of {@link EncodedVideo#units}; time stamps go on
 * growing from loop to loop. Thread-safe; closing it takes 5 s at most.
 */
public final class RtspCamera implements AutoCloseable {
  private final AtomicReference<EncodedVideo> served;
  private final Duration sessionTimeout;
  private final Clock clock;
  private final RandomGenerator random;
  private final CameraServer server;
  private final OptionalLong liveSinceNanos;
  private final AtomicInteger playbacks = new AtomicInteger();
  private final LongAdder unitsSent = new LongAdder();

  private RtspCamera(Builder from) throws IOException {
    random = from.random;
    served = new AtomicReference<>(from.video);
    sessionTimeout = from.sessionTimeout;
    clock = from.clock;
    liveSinceNanos = from.live ? OptionalLong.of(System.nanoTime()) : OptionalLong.empty();
    server = from.server(this);
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
    return server.url();
  }

  /** The URL without credentials. */
  public String address() {
    return server.address();
  }

  public int port() {
    return server.port();
  }

  /** Shows these faults from now on, as {@link Fault} says. */
  public void inject(Fault... wanted) {
    server.inject(wanted);
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

  /** How many access units were handed to the network, to all clients together. */
  public long unitsSent() {
    return unitsSent.sum();
  }

  @Override
  public void close() {
    server.close();
  }

  AtomicReference<EncodedVideo> served() {
    return served;
  }

  Authentication authentication() {
    return server.authentication();
  }

  Duration sessionTimeout() {
    return sessionTimeout;
  }

  RandomGenerator random() {
    return random;
  }

  Faults faults() {
    return server.faults();
  }

  boolean serves(String requested) {
    String control = "/" + SessionDescription.CONTROL;
    String stream =
        requested.endsWith(control)
            ? requested.substring(0, requested.length() - control.length())
            : requested;
    return stream.equals(server.path()) || stream.equals(server.path() + "/");
  }

  Playback playbackTo(PacketOutput output, Socket client) {
    String name = "rtsp-camera-" + port() + "-playback-" + playbacks.incrementAndGet();
    return new Playback(
        name, served, faults(), output, client, clock, random, liveSinceNanos, unitsSent);
  }

  /** What a camera is to be like. Not thread-safe. */
  public static final class Builder extends CameraBuilder<Builder> {
    private final EncodedVideo video;
    private Duration sessionTimeout = Duration.ofSeconds(60);
    private Clock clock = Clock.systemUTC();
    private RandomGenerator random = new SecureRandom();
    private boolean live;

    private Builder(EncodedVideo video) {
      super(Authentication.Scheme.DIGEST, "/live");
      this.video = video;
    }

    @Override
    protected Builder self() {
      return this;
    }

    private CameraServer server(RtspCamera camera) throws IOException {
      return server("rtsp", random, camera::serve);
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

    /**
     * Opens the port and serves until closed.
     *
     * @throws IOException when the port cannot be had
     */
    public RtspCamera start() throws IOException {
      RtspCamera camera = new RtspCamera(this);
      camera.server.start();
      return camera;
    }
  }
}
