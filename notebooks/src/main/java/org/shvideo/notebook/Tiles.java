package org.shvideo.notebook;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** Pictures side by side in rows, each with a line of text below it, as one picture. */
final class Tiles {
  private static final int WIDTH = 900;
  private static final int GAP = 8;
  private static final int TEXT = 20;

  private Tiles() {}

  /**
   * One of them.
   *
   * @param image of any size; all are drawn at the same width
   */
  record Tile(BufferedImage image, String caption) {}

  /**
   * Draws them.
   *
   * @param tiles one or more, all of the same proportions
   */
  static BufferedImage draw(List<Tile> tiles, int columns) {
    int across = Math.min(columns, tiles.size());
    int width = (WIDTH - (columns - 1) * GAP) / columns;
    BufferedImage first = tiles.get(0).image();
    int height = Math.max(1, width * first.getHeight() / first.getWidth());
    int rows = (tiles.size() + columns - 1) / columns;
    BufferedImage sheet =
        new BufferedImage(
            across * (width + GAP) - GAP, rows * (height + TEXT + GAP), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
      graphics.setColor(Color.DARK_GRAY);
      graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
      for (int i = 0; i < tiles.size(); i++) {
        int x = i % columns * (width + GAP);
        int y = i / columns * (height + TEXT + GAP);
        graphics.drawImage(tiles.get(i).image(), x, y, width, height, null);
        graphics.drawString(tiles.get(i).caption(), x + 2, y + height + TEXT - 6);
      }
    } finally {
      graphics.dispose();
    }
    return sheet;
  }
}
