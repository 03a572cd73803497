package org.shvideo.camera.rtsp;

import java.io.IOException;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.Camera;
import org.shvideo.camera.Connection;
import org.shvideo.camera.media.EncodedVideo;

/**
 * A camera that repeats a video over RTSP, by TCP or UDP. Every client sees it from its beginning
 * and receives exactly the NAL units of {@link EncodedVideo#units}, with timestamps that increase
 * from one repetition to the next.
 */
public final class RtspCamera extends Camera {
  /** The path of the only track, relative to the stream's URL. */
  static final String TRACK = "trackID=0";

  final AtomicReference<EncodedVideo> video;
  final Duration sessionTimeout;
  final Clock clock;
  final RandomGenerator random;
  final OptionalLong liveSinceNanos;
  final LongAdder unitsSent = new LongAdder();
  final String refusedTransport;
  final int refusalStatus;
  private final AtomicInteger playbacks = new AtomicInteger();

  private RtspCamera(Builder builder) throws IOException {
    super("rtsp", builder, builder.random);
    video = new AtomicReference<>(builder.video);
    sessionTimeout = builder.sessionTimeout;
    clock = builder.clock;
    random = builder.random;
    refusedTransport = builder.refusedTransport;
    refusalStatus = builder.refusalStatus;
    liveSinceNanos = builder.live ? OptionalLong.of(System.nanoTime()) : OptionalLong.empty();
  }

  /** A builder for a camera at path {@code /live}. */
  public static Builder serving(EncodedVideo video) {
    return new Builder(video);
  }

  /** The number of access units sent, to all clients together. */
  public long unitsSent() {
    return unitsSent.sum();
  }

  @Override
  protected Connection connect(Socket socket) throws IOException {
    return new RtspConnection(this, socket);
  }

  boolean serves(String requested) {
    return Set.of(path(), path() + "/", path() + "/" + TRACK, path() + "//" + TRACK)
        .contains(requested);
  }

  Playback playbackTo(PacketOutput output, Socket client) {
    String name = "rtsp-camera-" + port() + "-playback-" + playbacks.incrementAndGet();
    return new Playback(name, this, openStream(), output, client);
  }

  /** Options of an RTSP camera. Not thread-safe. */
  public static final class Builder extends Camera.Builder<Builder> {
    private final EncodedVideo video;
    private Duration sessionTimeout = Duration.ofSeconds(60);
    private Clock clock = Clock.systemUTC();
    private RandomGenerator random = new SecureRandom();
    private boolean live;
    private String refusedTransport = "";
    private int refusalStatus = 461;

    private Builder(EncodedVideo video) {
      super(Authentication.Scheme.DIGEST, "/live");
      this.video = video;
    }

    /** Disconnects clients that send nothing, not even receiver reports, for this long; 60 s. */
    public Builder sessionTimeout(Duration timeout) {
      this.sessionTimeout = timeout;
      return this;
    }

    /** The wall clock of the sender reports. */
    public Builder clock(Clock clock) {
      this.clock = clock;
      return this;
    }

    /** For session ids, nonces and the first values of RTP; must be thread-safe. */
    public Builder random(RandomGenerator random) {
      this.random = random;
      return this;
    }

    /**
     * Refuses one transport, as cameras do that know the other alone.
     *
     * @param name {@code RTP/AVP/TCP}, or {@code RTP/AVP} for UDP
     * @param status of the response: 461, or what else a camera may answer
     */
    public Builder refuseTransport(String name, int status) {
      this.refusedTransport = name + ";";
      this.refusalStatus = status;
      return this;
    }

    /** Shows all clients the same at the same time, each from the next keyframe on. */
    public Builder live() {
      this.live = true;
      return this;
    }

    /**
     * Opens the port and serves until the camera is closed.
     *
     * @throws IOException if the port is not available
     */
    public RtspCamera start() throws IOException {
      RtspCamera camera = new RtspCamera(this);
      camera.start();
      return camera;
    }
  }
}
