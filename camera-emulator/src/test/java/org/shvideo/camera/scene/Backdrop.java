package org.shvideo.camera.scene;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.random.RandomGenerator;

/** The kinds of background behind a sign. */
enum Backdrop {
  /** The street of the demo with other houses and trees, at any scale. */
  STREET {
    @Override
    void draw(Graphics2D graphics, int width, int height, RandomGenerator random) {
      Graphics2D g = (Graphics2D) graphics.create();
      double scale = random.nextDouble(height / Street.HEIGHT, 2.5 * height / Street.HEIGHT);
      g.translate(0, random.nextDouble(height - scale * Street.HEIGHT, 1));
      g.scale(scale, scale);
      Street.draw(g, width / scale, random);
      g.dispose();
    }
  },
  /** Large blurred areas of random colours. */
  GRADIENT {
    @Override
    void draw(Graphics2D g, int width, int height, RandomGenerator random) {
      ground(g, width, height, random);
      for (int patch = random.nextInt(3, 9); patch > 0; patch--) {
        Color color = randomColor(random);
        Color clear = new Color(color.getRed(), color.getGreen(), color.getBlue(), 0);
        float x = random.nextInt(width);
        float y = random.nextInt(height);
        g.setPaint(new GradientPaint(x, y, color, x + random.nextInt(9, width), y, clear));
        double size = random.nextDouble(0.2, 1) * width;
        g.fill(new Rectangle2D.Double(x, y - size / 2, size, size));
      }
    }
  },
  /** Many shapes of random colours. */
  CLUTTER {
    @Override
    void draw(Graphics2D g, int width, int height, RandomGenerator random) {
      ground(g, width, height, random);
      for (int shape = random.nextInt(20, 90); shape > 0; shape--) {
        double size = random.nextDouble(0.02, 0.4) * height;
        AffineTransform place =
            AffineTransform.getTranslateInstance(random.nextInt(width), random.nextInt(height));
        place.rotate(random.nextDouble(2 * Math.PI));
        place.scale(size, size * random.nextDouble(0.1, 1));
        g.setColor(randomColor(random));
        g.fill(
            place.createTransformedShape(
                switch (random.nextInt(3)) {
                  case 0 -> new Ellipse2D.Double(-0.5, -0.5, 1, 1);
                  case 1 -> new Rectangle2D.Double(-0.5, -0.5, 1, 1);
                  default -> triangle();
                }));
      }
    }
  },
  /** Brickwork, often red; not used for training. */
  WALL {
    @Override
    void draw(Graphics2D g, int width, int height, RandomGenerator random) {
      g.setColor(Color.getHSBColor(0, 0, random.nextFloat(0.5f, 0.9f)));
      g.fillRect(0, 0, width, height);
      float hue = random.nextFloat(-0.02f, 0.1f);
      float saturation = random.nextFloat(0.2f, 0.75f);
      int brick = random.nextInt(14, 60);
      int course = brick * 2 / 5;
      for (int row = 0; row * course < height; row++) {
        for (int x = row % 2 * brick / 2 - brick; x < width; x += brick) {
          g.setColor(Color.getHSBColor(hue, saturation, random.nextFloat(0.4f, 0.65f)));
          g.fillRect(x + 1, row * course + 1, brick - 2, course - 2);
        }
      }
    }
  },
  /** A dark town with lit windows; not used for training. */
  NIGHT {
    @Override
    void draw(Graphics2D g, int width, int height, RandomGenerator random) {
      g.setPaint(new GradientPaint(0, 0, new Color(8, 10, 26), 0, height, new Color(48, 44, 58)));
      g.fillRect(0, 0, width, height);
      for (int left = 0; left < width; ) {
        int wide = random.nextInt(50, 160);
        int top = random.nextInt(height * 2 / 3);
        g.setColor(Color.getHSBColor(random.nextFloat(), 0.2f, random.nextFloat(0.06f, 0.2f)));
        g.fillRect(left, top, wide, height);
        int pane = random.nextInt(5, 14);
        for (int y = top + pane; y < height; y += 2 * pane) {
          for (int x = left + pane; x < left + wide - pane; x += 2 * pane) {
            if (random.nextInt(3) == 0) {
              float hue = random.nextFloat(0.02f, 0.16f);
              g.setColor(Color.getHSBColor(hue, 0.6f, random.nextFloat(0.5f, 1)));
              g.fillRect(x, y, pane, pane);
            }
          }
        }
        left += wide;
      }
    }
  };

  /** Fills the picture. */
  abstract void draw(Graphics2D graphics, int width, int height, RandomGenerator random);

  static Color randomColor(RandomGenerator random) {
    return Color.getHSBColor(
        random.nextFloat(), random.nextFloat() * random.nextFloat(), random.nextFloat());
  }

  private static void ground(Graphics2D g, int width, int height, RandomGenerator random) {
    g.setPaint(new GradientPaint(0, 0, randomColor(random), width, height, randomColor(random)));
    g.fillRect(0, 0, width, height);
  }

  private static Path2D triangle() {
    Path2D triangle = new Path2D.Double();
    triangle.moveTo(-0.5, 0.5);
    triangle.lineTo(0.5, 0.5);
    triangle.lineTo(0, -0.5);
    triangle.closePath();
    return triangle;
  }
}
