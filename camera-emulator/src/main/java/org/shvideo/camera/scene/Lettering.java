package org.shvideo.camera.scene;

import java.awt.BasicStroke;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Area;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;

/**
 * Outlines of the letters S, T, O and P. Java's own text needs installed fonts and native
 * libraries, which a small server may lack, and looks different on every machine.
 */
final class Lettering {
  private static final double STROKE = 0.165;
  private static final double WIDTH = 0.5;
  private static final double GAP = 0.12;

  private Lettering() {}

  /** A word that starts at the origin and is one unit high. */
  static Shape word(String text) {
    Stroke stroke = new BasicStroke((float) STROKE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER);
    Area word = new Area();
    for (int i = 0; i < text.length(); i++) {
      Area glyph = new Area(stroke.createStrokedShape(centreLine(text.charAt(i))));
      glyph.transform(AffineTransform.getTranslateInstance(i * (WIDTH + GAP), 0));
      word.add(glyph);
    }
    return word;
  }

  private static Shape centreLine(char letter) {
    double left = STROKE / 2;
    double right = WIDTH - STROKE / 2;
    double top = STROKE / 2;
    double bottom = 1 - STROKE / 2;
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
        line.lineTo(WIDTH, top);
        line.moveTo(WIDTH / 2, top);
        line.lineTo(WIDTH / 2, 1);
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
