package org.shvideo.camera.mjpeg;

import java.io.IOException;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.List;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.Camera;
import org.shvideo.camera.Connection;
import org.shvideo.camera.media.JpegVideo;

/**
 * A camera that repeats pictures over HTTP, each when it is due. Every client gets all pictures
 * from the first on, even if it reads slowly; with {@linkplain Builder#stills stills}, each request
 * gets the one picture that is due. The path followed by {@code test} is a page that shows the
 * stream in a browser.
 */
public final class MjpegCamera extends Camera {
  final JpegVideo video;
  final RandomGenerator random;
  final boolean stills;
  private final long startNanos = System.nanoTime();

  private MjpegCamera(Builder builder, RandomGenerator random) throws IOException {
    super("http", builder, random);
    this.video = builder.video;
    this.random = random;
    this.stills = builder.stills;
  }

  /** The picture that is due now. */
  byte[] still() {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    List<byte[]> pictures = video.pictures();
    return pictures.get((int) ((long) (seconds * video.framesPerSecond()) % pictures.size()));
  }

  /** A builder for a camera at path {@code /video}. */
  public static Builder serving(JpegVideo video) {
    return new Builder(video);
  }

  @Override
  protected Connection connect(Socket socket) throws IOException {
    return new MjpegConnection(this, socket);
  }

  /** Options of an MJPEG camera. Not thread-safe. */
  public static final class Builder extends Camera.Builder<Builder> {
    private final JpegVideo video;
    private boolean stills;

    private Builder(JpegVideo video) {
      super(Authentication.Scheme.BASIC, "/video");
      this.video = video;
    }

    /** Answers each request with one picture, like a camera that offers snapshots alone. */
    public Builder stills() {
      this.stills = true;
      return this;
    }

    /**
     * Opens the port and serves until the camera is closed.
     *
     * @throws IOException if the port is not available
     * @throws IllegalArgumentException for a fault that only RTSP can have
     */
    public MjpegCamera start() throws IOException {
      MjpegCamera camera = new MjpegCamera(this, new SecureRandom());
      camera.start();
      return camera;
    }
  }
}
