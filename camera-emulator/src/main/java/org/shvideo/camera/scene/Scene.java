package org.shvideo.camera.scene;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/**
 * A scene that repeats without a jump: an empty street, a STOP sign that rolls by from left to
 * right, the empty street again.
 *
 * <p>Thread-safe; a frame is the same picture whenever it is drawn.
 */
public final class Scene {
  /** The length of one loop. */
  public static final Duration LENGTH = Duration.ofSeconds(22);

  /** When the sign enters: late enough for motion detection to have learned the background. */
  public static final Duration ENTERS = Duration.ofSeconds(5);

  /** When the sign has left. */
  public static final Duration LEAVES = Duration.ofSeconds(15);

  /** The sign's label in COCO. */
  public static final String LABEL = "stop sign";

  private static final double SIGN = 236;
  private static final double SIGN_TOP = 236;
  private static final double WHEELS = 640;
  private static final double DAYLIGHT_NOISE = 2.0;

  private final int width;
  private final int height;
  private final int framesPerSecond;
  private final double scale;
  private final BufferedImage street;
  private final SensorNoise noise;

  /** The scene of the demo: 1280x720 at 15 frames a second. */
  public static Scene demo() {
    return new Scene(1280, 720, 15, 7);
  }

  /**
   * A scene with little noise, as by day.
   *
   * @param width in pixels, even, at least 64, as the height
   * @param framesPerSecond from 1 to 60
   * @param seed of the random street and noise
   */
  public Scene(int width, int height, int framesPerSecond, long seed) {
    this(width, height, framesPerSecond, seed, DAYLIGHT_NOISE);
  }

  /**
   * A scene with more or less sensor noise.
   *
   * @param noise standard deviation of a pixel's brightness, in 1/255; 2 is a good sensor by day,
   *     of which an encoder keeps almost nothing
   */
  public Scene(int width, int height, int framesPerSecond, long seed, double noise) {
    if (width < 64 || height < 64 || width % 2 != 0 || height % 2 != 0) {
      throw new IllegalArgumentException(
          "Width and height must be even and at least 64 pixels, not " + width + "x" + height);
    }
    if (framesPerSecond < 1 || framesPerSecond > 60) {
      throw new IllegalArgumentException("The frame rate must be 1 to 60, not " + framesPerSecond);
    }
    this.width = width;
    this.height = height;
    this.framesPerSecond = framesPerSecond;
    this.scale = height / Street.HEIGHT;
    this.street = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    this.noise = new SensorNoise(noise, seed);
    Graphics2D g = graphics(street);
    Street.draw(g, width / scale, new Random(seed));
    g.dispose();
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  public int framesPerSecond() {
    return framesPerSecond;
  }

  /** The number of frames in one loop. */
  public int frames() {
    return (int) (LENGTH.toSeconds() * framesPerSecond);
  }

  /**
   * Draws one frame.
   *
   * @param index from 0; repeats after {@link #frames()}
   * @return a new picture of type {@link BufferedImage#TYPE_3BYTE_BGR}
   */
  public BufferedImage frame(int index) {
    int frame = Math.floorMod(index, frames());
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    byte[] pixels = pixels(picture);
    System.arraycopy(pixels(street), 0, pixels, 0, pixels.length);
    if (signShows(frame)) {
      Graphics2D g = graphics(picture);
      g.translate(signLeft(frame), 0);
      drawSign(g);
      g.dispose();
    }
    noise.add(pixels, frame);
    return picture;
  }

  /**
   * Where the sign is in that {@link #frame}, in pixels, perhaps beyond its edges; empty if away.
   */
  public Optional<Rectangle2D> sign(int index) {
    int frame = Math.floorMod(index, frames());
    Rectangle2D sign =
        new Rectangle2D.Double(
            signLeft(frame) * scale, SIGN_TOP * scale, SIGN * scale, SIGN * scale);
    return Optional.of(sign).filter(shown -> signShows(frame));
  }

  private double seconds(int frame) {
    return (double) frame / framesPerSecond;
  }

  private boolean signShows(int frame) {
    return seconds(frame) > ENTERS.toSeconds() && seconds(frame) < LEAVES.toSeconds();
  }

  private double signLeft(int frame) {
    double way = (seconds(frame) - ENTERS.toSeconds()) / LEAVES.minus(ENTERS).toSeconds();
    // Margins keep the wheels' shadow, which is wider than the plate, out of the first frame.
    double margin = SIGN * 0.2;
    return -SIGN - margin + way * (width / scale + SIGN + 2 * margin);
  }

  private static void drawSign(Graphics2D g) {
    double middle = SIGN / 2;
    Street.soft(g, middle + 12, WHEELS + 2, SIGN * 0.55, 16, new Color(0, 0, 0, 130));
    double poleTop = SIGN_TOP + SIGN * 0.9;
    double poleLength = WHEELS - 246 - SIGN * 0.9;
    fill(g, new Rectangle2D.Double(middle - 7, poleTop, 14, poleLength), 0x8C9296);
    fill(g, new Rectangle2D.Double(middle + 2, poleTop, 5, poleLength), 0x6C7276);
    fill(g, new RoundRectangle2D.Double(middle - 62, WHEELS - 22, 124, 12, 6, 6), 0x54595D);
    for (int side = -1; side <= 1; side += 2) {
      double x = middle + side * 46;
      fill(g, new Ellipse2D.Double(x - 13, WHEELS - 22, 26, 26), 0x26282A);
      fill(g, new Ellipse2D.Double(x - 5, WHEELS - 14, 10, 10), 0x9CA1A4);
    }
    Graphics2D plate = (Graphics2D) g.create();
    plate.translate(0, SIGN_TOP);
    plate.scale(SIGN, SIGN);
    RoadSign.STOP.draw(plate);
    plate.setPaint(new Color(0, 0, 0, 70));
    plate.setStroke(new BasicStroke(0.006f));
    plate.draw(RoadSign.STOP.plate(0.003));
    plate.dispose();
  }

  private static void fill(Graphics2D g, Shape shape, int rgb) {
    g.setPaint(new Color(rgb));
    g.fill(shape);
  }

  private Graphics2D graphics(BufferedImage picture) {
    Graphics2D g = picture.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.scale(scale, scale);
    return g;
  }

  static byte[] pixels(BufferedImage picture) {
    return ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
  }
}
