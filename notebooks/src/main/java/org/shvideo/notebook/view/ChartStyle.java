package org.shvideo.notebook.view;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** The size, fonts and colors that all charts and pictures share. */
final class ChartStyle {
  /** Pixels. */
  static final int WIDTH = 900;

  static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 15);
  static final Font AXIS_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  static final Font TICK_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 11);

  static final Color TEXT_COLOR = new Color(0x333333);
  static final Color GRID_COLOR = new Color(0xdddddd);
  static final Color[] SERIES_COLORS = {
    new Color(0x2a6f97),
    new Color(0xe07a3f),
    new Color(0x5b9a5b),
    new Color(0xb54a6b),
    new Color(0x8a7ab5),
    new Color(0xc9a227),
    new Color(0x5599a5),
    new Color(0x7f7f7f),
  };

  private ChartStyle() {}

  /** Fills the image with white. The caller disposes of the graphics. */
  static Graphics2D whiteCanvas(BufferedImage image) {
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    return graphics;
  }
}
