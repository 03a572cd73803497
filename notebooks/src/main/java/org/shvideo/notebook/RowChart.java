package org.shvideo.notebook;

import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Named rows over one axis. XChart has both kinds, but leaves out row names for which it finds no
 * room, and writes black on dark cells.
 */
final class RowChart implements AutoCloseable {
  private static final int HEAD = 44;
  private static final int LANE = 32;
  private static final int FOOT = 52;
  private static final int RIGHT = 24;
  private static final int GAP = 10;
  private static final int MOST_NAME = 220;
  private static final int MOST_TICKS = 14;
  private static final int LEAST_MARK = 4;
  private static final int[] STEPS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};
  private static final Color EMPTY = new Color(0xf1, 0xf4, 0xf6);
  private static final Color LINE = new Color(0xdd, 0xdd, 0xdd);

  private final BufferedImage image;
  private final Graphics2D graphics;
  private final int left;
  private final int right;
  private final int bottom;

  private RowChart(String title, String axis, List<String> rows) {
    bottom = HEAD + LANE * rows.size();
    image = new BufferedImage(Charts.WIDTH, bottom + FOOT, BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.setFont(Charts.TICKS);
    FontMetrics names = graphics.getFontMetrics();
    left =
        2 * GAP + Math.min(MOST_NAME, rows.stream().mapToInt(names::stringWidth).max().orElse(0));
    right = image.getWidth() - RIGHT;
    graphics.setColor(Charts.INK);
    for (int row = 0; row < rows.size(); row++) {
      String name = shortened(rows.get(row), names, left - 2 * GAP);
      graphics.drawString(
          name, left - GAP - names.stringWidth(name), middle(HEAD + row * LANE, LANE));
    }
    graphics.setFont(Charts.AXIS);
    centered(axis, (left + right) / 2, image.getHeight() - 10);
    graphics.setFont(Charts.TITLE);
    String shown = shortened(title, graphics.getFontMetrics(), image.getWidth() - 2 * GAP);
    centered(shown, image.getWidth() / 2, 28);
    graphics.setFont(Charts.TICKS);
  }

  /**
   * A field of cells, darker where there is more; nothing stands in a cell of nothing.
   *
   * @param values a row for each of {@code rows}, a value for each of {@code columns}
   */
  static BufferedImage heat(
      String title, String axis, List<String> columns, List<String> rows, List<int[]> values) {
    try (RowChart lanes = new RowChart(title, axis, rows)) {
      int most = Math.max(1, values.stream().flatMapToInt(IntStream::of).max().orElse(0));
      int widest = lanes.graphics.getFontMetrics().stringWidth(Integer.toString(most));
      boolean numbers = widest + 4 <= (lanes.right - lanes.left) / Math.max(1, columns.size());
      for (int row = 0; row < rows.size(); row++) {
        for (int column = 0; column < columns.size(); column++) {
          int x = lanes.edge(column, columns.size());
          int width = lanes.edge(column + 1, columns.size()) - x;
          lanes.cell(x, HEAD + row * LANE, width, values.get(row)[column], most, numbers);
        }
      }
      lanes.columnNames(columns);
      return lanes.image;
    }
  }

  /**
   * When each name was there.
   *
   * @param seconds how long the axis is
   * @param lasts how long a mark stands for, seconds
   * @param marks where each begins, seconds
   */
  static BufferedImage timeline(
      String title, double seconds, double lasts, Map<String, List<Double>> marks) {
    List<String> rows = List.copyOf(marks.keySet());
    try (RowChart lanes = new RowChart(title, "seconds", rows)) {
      double all = Math.max(seconds, 0.1);
      for (int row = 0; row < rows.size(); row++) {
        lanes.mark(row, 0, 1, EMPTY);
      }
      int step = step(seconds);
      for (int at = 0; at <= seconds; at += step) {
        lanes.tick(lanes.at(at / all), Integer.toString(at));
      }
      for (int row = 0; row < rows.size(); row++) {
        for (double at : marks.get(rows.get(row))) {
          lanes.mark(row, at / all, (at + lasts) / all, Charts.COLORS[row % Charts.COLORS.length]);
        }
      }
      return lanes.image;
    }
  }

  /** Fills a part of a row, from one share of the axis to another. */
  private void mark(int row, double from, double to, Color color) {
    int x = Math.min(at(from), right - LEAST_MARK);
    int width = Math.max(LEAST_MARK, Math.min(at(to), right) - x);
    graphics.setColor(color);
    graphics.fillRect(x, HEAD + row * LANE + 6, width, LANE - 12);
  }

  /** Between two labelled seconds of the axis. */
  private static int step(double seconds) {
    for (int step : STEPS) {
      if (seconds / step <= MOST_TICKS) {
        return step;
      }
    }
    return 5000 * (int) Math.ceil(seconds / 5000 / MOST_TICKS);
  }

  private int at(double share) {
    return left + (int) Math.round(share * (right - left));
  }

  private int edge(int column, int columns) {
    return at((double) column / columns);
  }

  private void cell(int x, int y, int width, int value, int most, boolean number) {
    double share = (double) value / most;
    graphics.setColor(value == 0 ? EMPTY : mixed(Charts.COLORS[0], 0.2 + 0.8 * share));
    graphics.fillRect(x + 1, y + 1, width - 2, LANE - 2);
    if (number && value != 0) {
      graphics.setColor(share > 0.65 ? Color.WHITE : Charts.INK);
      centered(Integer.toString(value), x + width / 2, middle(y, LANE));
    }
  }

  /** As many as there is room for, from the first on at even distances. */
  private void columnNames(List<String> columns) {
    FontMetrics metrics = graphics.getFontMetrics();
    int widest = columns.stream().mapToInt(metrics::stringWidth).max().orElse(0) + GAP;
    int every = Math.max(1, (int) Math.ceil(widest * (double) columns.size() / (right - left)));
    graphics.setColor(Charts.INK);
    for (int column = 0; column < columns.size(); column += every) {
      int x = (edge(column, columns.size()) + edge(column + 1, columns.size())) / 2;
      centered(columns.get(column), x, bottom + 16);
    }
  }

  private void tick(int x, String label) {
    graphics.setColor(LINE);
    graphics.drawLine(x, HEAD, x, bottom + 3);
    graphics.setColor(Charts.INK);
    centered(label, x, bottom + 17);
  }

  private void centered(String text, int x, int baseline) {
    graphics.drawString(text, x - graphics.getFontMetrics().stringWidth(text) / 2, baseline);
  }

  private int middle(int y, int height) {
    FontMetrics metrics = graphics.getFontMetrics();
    return y + (height + metrics.getAscent() - metrics.getDescent()) / 2;
  }

  private static Color mixed(Color color, double share) {
    return new Color(
        mixed(color.getRed(), share),
        mixed(color.getGreen(), share),
        mixed(color.getBlue(), share));
  }

  private static int mixed(int part, double share) {
    return (int) Math.round(255 + (part - 255) * share);
  }

  private static String shortened(String text, FontMetrics metrics, int width) {
    String shown = text;
    while (metrics.stringWidth(shown) > width && shown.length() > 1) {
      shown = shown.substring(0, shown.length() - 2) + "…";
    }
    return shown;
  }

  @Override
  public void close() {
    graphics.dispose();
  }
}
