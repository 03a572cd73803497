package org.shvideo.camera.scene;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A training or test picture: up to two STOP signs among similar objects. */
final class TrainingPicture {
  private static final double MIN_SIZE = 16;
  private static final double MAX_SIZE = 175;
  private static final String[] OTHER_WORDS = {"", "POST", "SPOT", "TOP", "POT"};

  /** The grey of letterbox bars. */
  private static final Color BARS = new Color(114, 114, 114);

  private final RandomGenerator random;
  private final int width;
  private final int height;

  /** The picture without the letterbox bars. */
  private final Rectangle2D visible;

  private final List<SceneObject> objects = new ArrayList<>();
  private BufferedImage image;

  TrainingPicture(Backdrop backdrop, int width, int height, RandomGenerator random) {
    this.random = random;
    this.width = width;
    this.height = height;
    int bar = oneIn(4) ? random.nextInt(height / 6) : 0;
    this.visible = new Rectangle2D.Double(0, bar, width, height - 2.0 * bar);
    this.image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    backdrop.draw(g, width, height, random);
    for (int more = random.nextInt(6); more > 0; more--) {
      distractor(g);
    }
    stopSigns(g);
    light(g);
    g.dispose();
    blur();
    new SensorNoise(random.nextDouble(0.1, 9), random.nextLong()).add(Scene.pixels(image), 0);
    bars(bar);
  }

  BufferedImage image() {
    return image;
  }

  List<SceneObject> objects() {
    return List.copyOf(objects);
  }

  /** Draws no sign in a third of the pictures, two in a sixth. */
  private void stopSigns(Graphics2D g) {
    List<Rectangle2D> taken = new ArrayList<>();
    int signs = oneIn(3) ? 0 : oneIn(4) ? 2 : 1;
    for (int more = signs; more > 0; more--) {
      AffineTransform place = place();
      Rectangle2D sign = place.createTransformedShape(RoadSign.STOP.plate(0)).getBounds2D();
      if (taken.stream().noneMatch(sign::intersects)) {
        taken.add(sign);
        stopSign(g, place);
        SceneObject.inside(visible, Scene.LABEL, sign).ifPresent(objects::add);
      }
    }
  }

  private void stopSign(Graphics2D graphics, AffineTransform place) {
    Graphics2D g = (Graphics2D) graphics.create();
    g.transform(place);
    if (!oneIn(4)) {
      g.setColor(Color.getHSBColor(0.55f, 0.05f, random.nextFloat(0.25f, 0.8f)));
      g.fill(new Rectangle2D.Double(0.47, 0.9, random.nextDouble(0.03, 0.09), 2));
    }
    redSign(8, "STOP").draw(g);
    if (oneIn(6)) {
      // Something in front of it.
      g.setColor(Backdrop.randomColor(random));
      double wide = random.nextDouble(0.05, 0.2);
      g.fill(new Rectangle2D.Double(random.nextDouble(0, 1 - wide), -0.2, wide, 1.4));
    }
    g.dispose();
  }

  private void distractor(Graphics2D graphics) {
    Graphics2D g = (Graphics2D) graphics.create();
    g.transform(place());
    switch (random.nextInt(7)) {
      case 0 -> redSign(32, "").draw(g);
      case 1 -> {
        redSign(32, "").draw(g);
        g.setColor(Color.WHITE);
        g.fill(new Rectangle2D.Double(0.15, 0.41, 0.7, 0.18));
      }
      case 2 -> redSign(oneIn(2) ? 3 : 4, oneIn(2) ? "" : otherWord()).draw(g);
      case 3 -> new RoadSign(8, notRed(), Color.WHITE, oneIn(2) ? "STOP" : otherWord()).draw(g);
      case 4 -> new RoadSign(4, notRed(), Color.WHITE, otherWord()).draw(g);
      case 5 -> {
        g.setColor(red());
        g.fill(new Ellipse2D.Double(0, 0, 1, random.nextDouble(0.4, 1)));
      }
      default -> car(g);
    }
    g.dispose();
  }

  private void car(Graphics2D g) {
    g.setColor(oneIn(4) ? notRed() : red());
    g.fill(new RoundRectangle2D.Double(0, 0.5, 1, 0.28, 0.12, 0.12));
    g.fill(new RoundRectangle2D.Double(0.18, 0.3, 0.6, 0.3, 0.2, 0.2));
    g.setColor(new Color(0xA9C0CC));
    g.fill(new Rectangle2D.Double(0.25, 0.35, 0.21, 0.14));
    g.fill(new Rectangle2D.Double(0.5, 0.35, 0.21, 0.14));
    g.setColor(new Color(0x1C1C1E));
    g.fill(new Ellipse2D.Double(0.14, 0.68, 0.18, 0.18));
    g.fill(new Ellipse2D.Double(0.68, 0.68, 0.18, 0.18));
  }

  private RoadSign redSign(int corners, String text) {
    float white = random.nextFloat(0.8f, 1);
    return new RoadSign(corners, red(), new Color(white, white, white * 0.97f), text);
  }

  private String otherWord() {
    return OTHER_WORDS[random.nextInt(OTHER_WORDS.length)];
  }

  private Color red() {
    return Color.getHSBColor(
        random.nextFloat(0.95f, 1.02f),
        random.nextFloat(0.75f, 0.95f),
        random.nextFloat(0.5f, 0.9f));
  }

  private Color notRed() {
    return Color.getHSBColor(
        random.nextFloat(0.12f, 0.85f), random.nextFloat(0, 1), random.nextFloat(0.1f, 0.9f));
  }

  /** Maps the unit square to a random place, size and angle, possibly partly outside. */
  private AffineTransform place() {
    double size = MIN_SIZE * Math.pow(MAX_SIZE / MIN_SIZE, random.nextDouble());
    double margin = size * 0.25;
    AffineTransform place =
        AffineTransform.getTranslateInstance(
            random.nextDouble(visible.getMinX() - margin, visible.getMaxX() + margin),
            random.nextDouble(visible.getMinY() - margin, visible.getMaxY() + margin));
    place.rotate(random.nextGaussian() * 0.07);
    place.shear(0, random.nextGaussian() * 0.06);
    place.scale(size * random.nextDouble(0.75, 1), size);
    place.translate(-0.5, -0.5);
    return place;
  }

  /** Dims, brightens or tints the picture, more on one side than on the other. */
  private void light(Graphics2D g) {
    if (oneIn(3)) {
      return;
    }
    Color tint = oneIn(2) ? Color.BLACK : Backdrop.randomColor(random);
    g.setPaint(
        new GradientPaint(
            random.nextInt(width),
            random.nextInt(height),
            withAlpha(tint, random.nextInt(120)),
            random.nextInt(width),
            random.nextInt(height),
            withAlpha(tint, random.nextInt(40))));
    g.fillRect(0, 0, width, height);
  }

  private static Color withAlpha(Color color, int alpha) {
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha);
  }

  /** Adds defocus (both directions) or motion blur (horizontal). */
  private void blur() {
    if (oneIn(3)) {
      return;
    }
    int reach = random.nextInt(1, 4);
    double sigma = random.nextDouble(0.3, 1 + 0.3 * reach);
    float[] weights = new float[2 * reach + 1];
    float sum = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) Math.exp(-(i - reach) * (i - reach) / (2 * sigma * sigma));
      sum += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    image = convolved(image, new Kernel(weights.length, 1, weights));
    if (oneIn(2)) {
      image = convolved(image, new Kernel(1, weights.length, weights));
    }
  }

  private static BufferedImage convolved(BufferedImage image, Kernel kernel) {
    BufferedImage to =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    return new ConvolveOp(kernel, ConvolveOp.EDGE_NO_OP, null).filter(image, to);
  }

  private void bars(int bar) {
    Graphics2D g = image.createGraphics();
    g.setColor(BARS);
    g.fillRect(0, 0, width, bar);
    g.fillRect(0, height - bar, width, bar);
    g.dispose();
  }

  private boolean oneIn(int chances) {
    return random.nextInt(chances) == 0;
  }
}
