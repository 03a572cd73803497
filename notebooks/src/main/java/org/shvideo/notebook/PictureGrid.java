package org.shvideo.notebook;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** Pictures side by side in rows, each with a line of text below it, as one picture. */
final class PictureGrid {
  private static final int WIDTH = 900;
  private static final int GAP = 8;
  private static final int TEXT = 20;

  private PictureGrid() {}

  /**
   * One of them.
   *
   * @param image as {@link #scaled} gives it
   */
  record Tile(BufferedImage image, String caption) {}

  /** The picture as large as it stands in a sheet of so many columns. */
  static BufferedImage scaled(BufferedImage picture, int columns) {
    int width = width(columns);
    int height = Math.max(1, Math.round((float) width * picture.getHeight() / picture.getWidth()));
    BufferedImage scaled = picture;
    // By halves: each pixel is then made from all those that it stands for.
    while (scaled.getWidth() >= 2 * width && scaled.getHeight() >= 2 * height) {
      scaled = scaled(scaled, scaled.getWidth() / 2, scaled.getHeight() / 2);
    }
    return scaled(scaled, width, height);
  }

  private static BufferedImage scaled(BufferedImage picture, int width, int height) {
    BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = scaled.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(picture, 0, 0, width, height, null);
    } finally {
      graphics.dispose();
    }
    return scaled;
  }

  private static int width(int columns) {
    return (WIDTH - (columns - 1) * GAP) / columns;
  }

  /**
   * Draws them.
   *
   * @param tiles one or more, all of the same size
   */
  static BufferedImage draw(List<Tile> tiles, int columns) {
    int across = Math.min(columns, tiles.size());
    int width = width(columns);
    int height = tiles.get(0).image().getHeight();
    int rows = (tiles.size() + columns - 1) / columns;
    BufferedImage sheet =
        new BufferedImage(
            across * (width + GAP) - GAP,
            rows * (height + TEXT + GAP) - GAP,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
      graphics.setColor(Color.DARK_GRAY);
      graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
      for (int i = 0; i < tiles.size(); i++) {
        int x = i % columns * (width + GAP);
        int y = i / columns * (height + TEXT + GAP);
        graphics.drawImage(tiles.get(i).image(), x, y, null);
        graphics.drawString(tiles.get(i).caption(), x + 2, y + height + TEXT - 6);
      }
    } finally {
      graphics.dispose();
    }
    return sheet;
  }
}
