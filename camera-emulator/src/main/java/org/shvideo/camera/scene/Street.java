package org.shvideo.camera.scene;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Paint;
import java.awt.RadialGradientPaint;
import java.awt.Rectangle;
import java.awt.Shape;
import java.awt.TexturePaint;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;

/**
 * A quiet street: sky, hills, houses, trees, pavement, road. It is 720 units high and of any width;
 * the random generator chooses houses and trees.
 */
final class Street {
  static final double HEIGHT = 720;
  static final double ROAD = 512;
  private static final double HORIZON = 330;
  private static final double PAVEMENT = 446;

  private static final Color[] WALLS = {
    new Color(0xE9DFC9), new Color(0xD8DEE0), new Color(0xE3CFA9), new Color(0xC9D3C0)
  };
  private static final Color[] ROOFS = {
    new Color(0x6B4A3E), new Color(0x4C5560), new Color(0x7A5C47), new Color(0x565049)
  };

  private final Graphics2D g;
  private final double width;
  private final RandomGenerator random;
  private final TexturePaint grain;

  private Street(Graphics2D g, double width, RandomGenerator random) {
    this.g = g;
    this.width = width;
    this.random = random;
    this.grain = grain(random);
  }

  static void draw(Graphics2D graphics, double width, RandomGenerator random) {
    Graphics2D g = (Graphics2D) graphics.create();
    new Street(g, width, random).draw();
    g.dispose();
  }

  private void draw() {
    sky();
    hills(HORIZON - 52, 46, new Color(0x9DB4BE));
    hills(HORIZON - 14, 30, new Color(0x7E9E86));
    rect(0, HORIZON, width, HEIGHT, new Color(0x7C9A5E));
    double x = random(-160, -40);
    while (x < width) {
      tree(x + random(0, 40), random(396, 408), random(62, 92));
      double size = random(250, 310);
      house(x + 90, size);
      x += size + random(150, 210);
    }
    lawn();
    pavement();
    road();
    lamp(width * random(0.86, 0.92));
  }

  private void sky() {
    Paint blue = gradient(0, 0, new Color(0x7FAEDB), 0, HORIZON, new Color(0xE8EEF0));
    rect(0, 0, width, HORIZON + 4, blue);
    for (int cloud = 0; cloud < 5; cloud++) {
      double x = width * (cloud + random(0.1, 0.9)) / 5;
      double y = random(30, 150);
      for (int puff = 0; puff < 9; puff++) {
        double radius = random(22, 58);
        soft(
            g,
            x + random(-95, 95),
            y + random(-14, 14),
            radius * 1.7,
            radius * 0.75,
            new Color(255, 255, 255, 120));
      }
    }
  }

  private void hills(double top, double swing, Color color) {
    double phase = random(0, 6);
    Path2D ridge = new Path2D.Double();
    ridge.moveTo(0, HEIGHT);
    for (double x = 0; x <= width + 8; x += 8) {
      double wave = Math.sin(x / 170 + phase) + 0.5 * Math.sin(x / 67 + 2 * phase);
      ridge.lineTo(x, top - swing * 0.5 * wave);
    }
    ridge.lineTo(width + 8, HEIGHT);
    fill(ridge, gradient(0, top - swing, color, 0, top + 90, RoadSign.shade(color, 1.16)));
  }

  private void tree(double x, double foot, double size) {
    rect(x - size * 0.07, foot - size * 1.1, size * 0.14, size * 1.1, new Color(0x5B4636));
    Color leaf = new Color(0x4F7A45);
    for (int clump = 0; clump < 46; clump++) {
      double angle = random(0, 2 * Math.PI);
      double far = size * Math.sqrt(random(0, 0.62));
      double cx = x + far * Math.cos(angle);
      double cy = foot - size * 1.65 + far * Math.sin(angle) * 0.95;
      double light = 1.0 - 0.34 * Math.sin(angle) * far / size + random(-0.12, 0.12);
      double radius = size * random(0.16, 0.3);
      fill(circle(cx, cy, radius), RoadSign.shade(leaf, light));
    }
  }

  private void house(double x, double size) {
    double foot = 432;
    double wallTop = foot - size * 0.46;
    Color wall = WALLS[random.nextInt(WALLS.length)];
    Color roof = ROOFS[random.nextInt(ROOFS.length)];
    double ridge = wallTop - size * 0.27;
    double chimney = wallTop - size * 0.34;
    rect(x + size * 0.72, chimney, size * 0.08, size * 0.3, RoadSign.shade(roof, 0.85));
    Paint plaster = gradient(x, 0, wall, x + size, 0, RoadSign.shade(wall, 0.86));
    rect(x, wallTop, size, foot - wallTop, plaster);
    double eaves = size * 0.06;
    Shape gable =
        trapezoid(
            ridge, x + size * 0.14, x + size * 0.86, wallTop + 3, x - eaves, x + size + eaves);
    fill(gable, gradient(0, ridge, RoadSign.shade(roof, 1.14), 0, wallTop, roof));
    g.setPaint(new Color(0, 0, 0, 26));
    g.setStroke(new BasicStroke(1.2f));
    for (double y = wallTop - size * 0.24; y < wallTop; y += 7) {
      double slope = (wallTop + 3 - y) / (size * 0.27) * size * 0.2;
      g.draw(new Line2D.Double(x - size * 0.06 + slope, y, x + size * 1.06 - slope, y));
    }
    rect(x, wallTop + 3, size, 7, new Color(0, 0, 0, 38));
    for (double at : new double[] {0.1, 0.42, 0.74}) {
      window(x + size * at, wallTop + size * 0.1, size * 0.16, size * 0.17);
    }
    double doorX = x + size * 0.285;
    rect(doorX - 4, foot - size * 0.32, size * 0.11 + 8, size * 0.32, new Color(0xF3F1EA));
    rect(doorX, foot - size * 0.31, size * 0.11, size * 0.31, new Color(0x4E5D52));
    fill(circle(doorX + size * 0.09, foot - size * 0.14, 2.2), new Color(0xD9C27A));
  }

  private void window(double x, double y, double wide, double high) {
    rect(x - 4, y - 4, wide + 8, high + 8, new Color(0xF3F1EA));
    Paint glass = gradient(x, y, new Color(0x53687A), x + wide, y + high, new Color(0x8CA3B3));
    rect(x, y, wide, high, glass);
    rect(x + wide / 2 - 1.5, y, 3, high, new Color(0xF3F1EA));
    rect(x, y + high / 2 - 1.5, wide, 3, new Color(0xF3F1EA));
    rect(x - 7, y + high + 4, wide + 14, 4, new Color(0xBDB7A8));
  }

  private void lawn() {
    ground(424, new Color(0x6E9455), PAVEMENT, new Color(0x86AA66));
    for (double x = 0; x < width; x += random(9, 15)) {
      double size = random(7, 15);
      fill(
          circle(x, 428 - size * 0.2, size),
          RoadSign.shade(new Color(0x55793F), random(0.9, 1.25)));
    }
  }

  private void pavement() {
    ground(PAVEMENT, new Color(0xB4B0A8), ROAD, new Color(0xC9C6BF));
    g.setPaint(new Color(90, 88, 84, 90));
    g.setStroke(new BasicStroke(1.4f));
    for (double x = -2 * width; x < 3 * width; x += 74) {
      double above = width / 2 + (x - width / 2) * 0.84;
      g.draw(new Line2D.Double(above, PAVEMENT, x, ROAD - 14));
    }
    g.draw(new Line2D.Double(0, PAVEMENT + 22, width, PAVEMENT + 22));
    rect(0, ROAD - 14, width, 6, new Color(0xDAD7D0));
    rect(0, ROAD - 8, width, 8, new Color(0x8E8B85));
  }

  private void road() {
    ground(ROAD, new Color(0x5A5C60), HEIGHT, new Color(0x75767A));
    for (int patch = 0; patch < 7; patch++) {
      soft(
          g,
          random(0, width),
          random(ROAD + 20, HEIGHT),
          random(90, 260),
          random(10, 26),
          new Color(30, 32, 36, 46));
    }
    rect(0, ROAD, width, 7, new Color(0, 0, 0, 60));
    for (double x = random(-150, 0); x < width; x += 250) {
      Shape dash = trapezoid(676, x, x + 140, 688, x - 4, x + 144);
      fill(dash, new Color(228, 226, 214, 215));
    }
  }

  private void lamp(double x) {
    Color metal = new Color(0x4A5257);
    rect(x - 4, 120, 8, 352, metal);
    fill(new RoundRectangle2D.Double(x - 8, 446, 16, 34, 6, 6), RoadSign.shade(metal, 0.8));
    g.setPaint(metal);
    g.setStroke(new BasicStroke(6, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    Path2D arm = new Path2D.Double();
    arm.moveTo(x, 124);
    arm.quadTo(x, 92, x - 74, 92);
    g.draw(arm);
    fill(new RoundRectangle2D.Double(x - 112, 87, 48, 13, 10, 10), RoadSign.shade(metal, 0.85));
  }

  /** Draws an ellipse that fades out towards its edge. */
  static void soft(Graphics2D g, double x, double y, double radiusX, double radiusY, Color color) {
    Graphics2D round = (Graphics2D) g.create();
    round.translate(x, y);
    round.scale(radiusX, radiusY);
    Color clear = new Color(color.getRed(), color.getGreen(), color.getBlue(), 0);
    round.setPaint(
        new RadialGradientPaint(
            new Point2D.Double(), 1, new float[] {0, 1}, new Color[] {color, clear}));
    round.fill(new Ellipse2D.Double(-1, -1, 2, 2));
    round.dispose();
  }

  /** A strip over the whole width with a vertical gradient and grain. */
  private void ground(double top, Color upper, double bottom, Color lower) {
    rect(0, top, width, bottom - top, gradient(0, top, upper, 0, bottom, lower));
    rect(0, top, width, bottom - top, grain);
  }

  private void rect(double x, double y, double wide, double high, Paint paint) {
    fill(new Rectangle2D.Double(x, y, wide, high), paint);
  }

  private void fill(Shape shape, Paint paint) {
    g.setPaint(paint);
    g.fill(shape);
  }

  private static Paint gradient(
      double x1, double y1, Color color1, double x2, double y2, Color color2) {
    return new GradientPaint((float) x1, (float) y1, color1, (float) x2, (float) y2, color2);
  }

  private static Shape trapezoid(
      double top, double topLeft, double topRight, double bottom, double left, double right) {
    Path2D path = new Path2D.Double();
    path.moveTo(topLeft, top);
    path.lineTo(topRight, top);
    path.lineTo(right, bottom);
    path.lineTo(left, bottom);
    path.closePath();
    return path;
  }

  private static Ellipse2D circle(double x, double y, double radius) {
    return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
  }

  private double random(double low, double high) {
    return low + random.nextDouble() * (high - low);
  }

  /** Faint light and dark specks, so that surfaces are not uniform. */
  private static TexturePaint grain(RandomGenerator random) {
    int size = 192;
    BufferedImage tile = new BufferedImage(size, size, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int speck = (int) (11 * random.nextGaussian());
        int grey = speck < 0 ? 0 : 0xFFFFFF;
        tile.setRGB(x, y, Math.min(60, Math.abs(speck)) << 24 | grey);
      }
    }
    return new TexturePaint(tile, new Rectangle(size, size));
  }
}
