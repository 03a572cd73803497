package org.shvideo.notebook.view;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** Pictures in rows, each with a caption below it, as one picture. */
public final class PictureGrid {
  private static final int GAP = 8;
  private static final int CAPTION_HEIGHT = 20;

  private PictureGrid() {}

  /**
   * A picture with its caption.
   *
   * @param image as {@link #scaled} returns it
   */
  public record Tile(BufferedImage image, String caption) {}

  /** The picture in the size that it has in a grid of so many columns. */
  public static BufferedImage scaled(BufferedImage picture, int columns) {
    int width = tileWidth(columns);
    int height = Math.max(1, Math.round((float) width * picture.getHeight() / picture.getWidth()));
    BufferedImage scaled = picture;
    // By halves, so that every pixel of the original counts.
    while (scaled.getWidth() >= 2 * width && scaled.getHeight() >= 2 * height) {
      scaled = resized(scaled, scaled.getWidth() / 2, scaled.getHeight() / 2);
    }
    return resized(scaled, width, height);
  }

  private static BufferedImage resized(BufferedImage picture, int width, int height) {
    BufferedImage resized = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = resized.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(picture, 0, 0, width, height, null);
    graphics.dispose();
    return resized;
  }

  private static int tileWidth(int columns) {
    return (ChartStyle.WIDTH - (columns - 1) * GAP) / columns;
  }

  /** Draws a grid, row by row, of one tile or more, all of the same size. */
  public static BufferedImage draw(List<Tile> tiles, int columns) {
    int width = tileWidth(columns) + GAP;
    int height = tiles.get(0).image().getHeight() + CAPTION_HEIGHT + GAP;
    int rows = (tiles.size() + columns - 1) / columns;
    BufferedImage grid =
        new BufferedImage(
            Math.min(columns, tiles.size()) * width - GAP,
            rows * height - GAP,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = ChartStyle.whiteCanvas(grid);
    graphics.setColor(Color.DARK_GRAY);
    graphics.setFont(ChartStyle.AXIS_FONT);
    for (int i = 0; i < tiles.size(); i++) {
      int x = i % columns * width;
      int y = i / columns * height;
      graphics.drawImage(tiles.get(i).image(), x, y, null);
      graphics.drawString(tiles.get(i).caption(), x + 2, y + height - GAP - 6);
    }
    graphics.dispose();
    return grid;
  }
}
