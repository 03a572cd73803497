package org.shvideo.camera.mjpeg;

import java.io.IOException;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.Camera;
import org.shvideo.camera.Connection;
import org.shvideo.camera.media.JpegVideo;

/**
 * A camera that sends pictures over HTTP, each when it is due. Every client gets all pictures from
 * the first on, even if it reads slowly. The path followed by {@code test} is a page that shows the
 * stream in a browser.
 */
public final class MjpegCamera extends Camera {
  private final LongFunction<byte[]> pictures;
  private final double framesPerSecond;
  private final RandomGenerator random;

  private MjpegCamera(Builder builder, RandomGenerator random) throws IOException {
    super("http", builder, random);
    this.pictures = builder.pictures;
    this.framesPerSecond = builder.framesPerSecond;
    this.random = random;
  }

  /** A builder for a camera at path {@code /video} that repeats these pictures. */
  public static Builder serving(JpegVideo video) {
    int count = video.pictures().size();
    return serving(number -> video.pictures().get((int) (number % count)), video.framesPerSecond());
  }

  /**
   * A builder for a camera at path {@code /video} whose pictures are made when they are due.
   *
   * @param pictures gives the JPEG file of each number, from 0; called by the threads of all
   *     clients
   */
  public static Builder serving(LongFunction<byte[]> pictures, double framesPerSecond) {
    return new Builder(pictures, framesPerSecond);
  }

  @Override
  protected Connection connect(Socket socket) throws IOException {
    return new MjpegConnection(this, socket);
  }

  byte[] picture(long number) {
    return pictures.apply(number);
  }

  double framesPerSecond() {
    return framesPerSecond;
  }

  RandomGenerator random() {
    return random;
  }

  /** Options of an MJPEG camera. Not thread-safe. */
  public static final class Builder extends Camera.Builder<Builder> {
    private final LongFunction<byte[]> pictures;
    private final double framesPerSecond;

    private Builder(LongFunction<byte[]> pictures, double framesPerSecond) {
      super(Authentication.Scheme.BASIC, "/video");
      if (!(framesPerSecond > 0)) {
        throw new IllegalArgumentException("Invalid frame rate: " + framesPerSecond);
      }
      this.pictures = pictures;
      this.framesPerSecond = framesPerSecond;
    }

    @Override
    protected Builder self() {
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
