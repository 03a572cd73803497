package org.shvideo.camera.scene;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Area;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.awt.geom.RoundRectangle2D;

/**
 * A road sign, drawn into the unit square with the proportions of the American R1-1: letters a
 * third of the height, a white border of a fiftieth.
 *
 * @param corners 8 for a STOP sign
 * @param face the background colour
 * @param ink the colour of the border and the text
 * @param text made of the letters S, T, O and P
 */
record RoadSign(int corners, Color face, Color ink, String text) {
  static final RoadSign STOP = new RoadSign(8, new Color(0xB5, 0x12, 0x26), Color.WHITE, "STOP");

  private static final double BORDER = 0.028;
  private static final double LETTER_STROKE = 0.165;
  private static final double LETTER_WIDTH = 0.5;
  private static final double LETTER_GAP = 0.12;

  /** Draws the sign into the unit square of {@code graphics}. */
  void draw(Graphics2D graphics) {
    Graphics2D g = (Graphics2D) graphics.create();
    g.setPaint(
        new GradientPaint(
            new Point2D.Double(0.1, 0), shade(face, 1.12), new Point2D.Double(0.8, 1), face));
    g.fill(plate(0));
    g.setPaint(ink);
    g.setStroke(new BasicStroke((float) BORDER, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
    g.draw(plate(BORDER));
    double height = 0.34;
    Shape word = word(text);
    double width = word.getBounds2D().getWidth();
    double fit = Math.min(1, 0.8 / (width * height));
    AffineTransform place = AffineTransform.getTranslateInstance(0.5, 0.5);
    place.scale(height * fit, height);
    place.translate(-width / 2, -0.5);
    g.fill(place.createTransformedShape(word));
    g.dispose();
  }

  /** The outline, with flat sides on all four sides if the number of corners is even. */
  Shape plate(double inset) {
    double apothem = 0.5 - inset;
    double radius = corners % 2 == 0 ? apothem / Math.cos(Math.PI / corners) : apothem;
    double turn = corners % 2 == 0 ? Math.PI / corners : 0;
    Path2D outline = new Path2D.Double();
    for (int corner = 0; corner < corners; corner++) {
      double angle = 2 * Math.PI * corner / corners - Math.PI / 2 + turn;
      double x = 0.5 + radius * Math.cos(angle);
      double y = 0.5 + radius * Math.sin(angle);
      if (corner == 0) {
        outline.moveTo(x, y);
      } else {
        outline.lineTo(x, y);
      }
    }
    outline.closePath();
    return outline;
  }

  static Color shade(Color color, double factor) {
    return new Color(
        (int) Math.min(255, color.getRed() * factor),
        (int) Math.min(255, color.getGreen() * factor),
        (int) Math.min(255, color.getBlue() * factor));
  }

  /**
   * A word that starts at the origin and is one unit high. Java's own text needs installed fonts
   * and native libraries, which a small server may lack, and looks different on every machine.
   */
  private static Shape word(String text) {
    Stroke stroke =
        new BasicStroke((float) LETTER_STROKE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER);
    Area word = new Area();
    for (int i = 0; i < text.length(); i++) {
      Area glyph = new Area(stroke.createStrokedShape(centreLine(text.charAt(i))));
      glyph.transform(AffineTransform.getTranslateInstance(i * (LETTER_WIDTH + LETTER_GAP), 0));
      word.add(glyph);
    }
    return word;
  }

  private static Shape centreLine(char letter) {
    double left = LETTER_STROKE / 2;
    double right = LETTER_WIDTH - LETTER_STROKE / 2;
    double top = LETTER_STROKE / 2;
    double bottom = 1 - LETTER_STROKE / 2;
    Path2D line = new Path2D.Double();
    switch (letter) {
      case 'S' -> {
        double half = (bottom - top) / 2;
        line.append(new Arc2D.Double(left, top, right - left, half, 10, 260, Arc2D.OPEN), false);
        line.append(
            new Arc2D.Double(left, top + half, right - left, half, 90, -260, Arc2D.OPEN), true);
      }
      case 'T' -> {
        line.moveTo(0, top);
        line.lineTo(LETTER_WIDTH, top);
        line.moveTo(LETTER_WIDTH / 2, top);
        line.lineTo(LETTER_WIDTH / 2, 1);
      }
      case 'O' -> {
        double round = right - left;
        line.append(
            new RoundRectangle2D.Double(left, top, round, bottom - top, round, round), false);
      }
      case 'P' -> {
        double waist = 0.58;
        line.moveTo(left, 1);
        line.lineTo(left, top);
        line.append(
            new Arc2D.Double(left, top, right - left, waist - top, 90, -180, Arc2D.OPEN), true);
        line.lineTo(left, waist);
      }
      default -> throw new IllegalArgumentException("No outline of the letter " + letter);
    }
    return line;
  }
}
