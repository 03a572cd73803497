package org.shvideo.notebook.view;

import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A heat map or a timeline: named rows over one axis. XChart has both, but leaves out row names for
 * which it finds no room, and writes black on dark cells.
 */
public final class RowChart {
  private static final int TOP = 44;
  private static final int ROW_HEIGHT = 32;
  private static final int AXIS_HEIGHT = 52;
  private static final int RIGHT_MARGIN = 24;
  private static final int GAP = 10;
  private static final int MAX_NAME_WIDTH = 220;
  private static final int MAX_TICKS = 14;
  private static final int MIN_MARK_WIDTH = 4;
  private static final int[] TICK_SECONDS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};
  private static final Color EMPTY_COLOR = new Color(0xf1f4f6);

  private final BufferedImage image;
  private final Graphics2D graphics;
  private final int left;
  private final int right;
  private final int bottom;

  /** Draws the title, the axis' name and the rows' names. */
  private RowChart(String title, String axis, List<String> rows) {
    bottom = TOP + ROW_HEIGHT * rows.size();
    image = new BufferedImage(ChartStyle.WIDTH, bottom + AXIS_HEIGHT, BufferedImage.TYPE_INT_RGB);
    graphics = ChartStyle.whiteCanvas(image);
    graphics.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    graphics.setColor(ChartStyle.TEXT_COLOR);
    graphics.setFont(ChartStyle.TITLE_FONT);
    drawCentered(truncated(title, image.getWidth() - 2 * GAP), image.getWidth() / 2, 28);
    graphics.setFont(ChartStyle.TICK_FONT);
    int names = rows.stream().mapToInt(this::width).max().orElse(0);
    left = 2 * GAP + Math.min(MAX_NAME_WIDTH, names);
    right = image.getWidth() - RIGHT_MARGIN;
    for (int row = 0; row < rows.size(); row++) {
      String name = truncated(rows.get(row), left - 2 * GAP);
      graphics.drawString(name, left - GAP - width(name), baseline(row));
    }
    graphics.setFont(ChartStyle.AXIS_FONT);
    drawCentered(axis, (left + right) / 2, image.getHeight() - 10);
    graphics.setFont(ChartStyle.TICK_FONT);
  }

  /**
   * A heat map: the greater a number, the darker its cell. Rows are from the top down; each has a
   * value for each column.
   */
  public static Picture heatMap(
      String title, String axis, List<String> columns, List<String> rows, List<int[]> values) {
    RowChart chart = new RowChart(title, axis, rows);
    chart.drawColumnNames(columns);
    int max = Math.max(1, values.stream().flatMapToInt(IntStream::of).max().orElse(0));
    int cellWidth = (chart.right - chart.left) / Math.max(1, columns.size());
    boolean numbers = chart.width(Integer.toString(max)) + 4 <= cellWidth;
    StringBuilder text = new StringBuilder(title);
    for (int row = 0; row < rows.size(); row++) {
      text.append('\n').append(rows.get(row)).append(':');
      for (int column = 0; column < columns.size(); column++) {
        int value = values.get(row)[column];
        int x = chart.columnStart(column, columns.size());
        int width = chart.columnStart(column + 1, columns.size()) - x;
        chart.drawCell(row, x, width, value, (double) value / max, numbers);
        text.append(' ').append(value);
      }
    }
    return chart.picture(text.toString());
  }

  /**
   * A timeline: when each name was present.
   *
   * @param seconds length of the axis
   * @param markSeconds how long a mark lasts
   * @param marks where the marks of each name begin, in seconds and in order; one or more each
   */
  public static Picture timeline(
      String title, double seconds, double markSeconds, Map<String, List<Double>> marks) {
    List<String> rows = List.copyOf(marks.keySet());
    RowChart chart = new RowChart(title, "seconds", rows);
    double length = Math.max(seconds, 0.1);
    for (int row = 0; row < rows.size(); row++) {
      chart.drawMark(row, 0, 1, EMPTY_COLOR);
    }
    int step = tickSeconds(seconds);
    for (int at = 0; at <= seconds; at += step) {
      chart.drawTick(at / length, Integer.toString(at));
    }
    for (int row = 0; row < rows.size(); row++) {
      Color color = ChartStyle.SERIES_COLORS[row % ChartStyle.SERIES_COLORS.length];
      for (double at : marks.get(rows.get(row))) {
        chart.drawMark(row, at / length, (at + markSeconds) / length, color);
      }
    }
    return chart.picture(
        marks.entrySet().stream()
            .map(
                one ->
                    String.format(
                        Locale.ROOT,
                        "%s: from %.1f s to %.1f s",
                        one.getKey(),
                        one.getValue().get(0),
                        one.getValue().get(one.getValue().size() - 1)))
            .collect(Collectors.joining("\n", title + "\n", "")));
  }

  private Picture picture(String text) {
    graphics.dispose();
    return Picture.png(image, text);
  }

  private static int tickSeconds(double seconds) {
    return IntStream.of(TICK_SECONDS)
        .filter(step -> seconds / step <= MAX_TICKS)
        .findFirst()
        .orElse(5000 * (int) Math.ceil(seconds / 5000 / MAX_TICKS));
  }

  /** Fills a part of a row; positions are fractions of the axis. */
  private void drawMark(int row, double from, double to, Color color) {
    int x = Math.min(x(from), right - MIN_MARK_WIDTH);
    int width = Math.max(MIN_MARK_WIDTH, Math.min(x(to), right) - x);
    graphics.setColor(color);
    graphics.fillRect(x, TOP + row * ROW_HEIGHT + 6, width, ROW_HEIGHT - 12);
  }

  private void drawCell(int row, int x, int width, int value, double fraction, boolean withNumber) {
    graphics.setColor(
        value == 0 ? EMPTY_COLOR : tint(ChartStyle.SERIES_COLORS[0], 0.2 + 0.8 * fraction));
    graphics.fillRect(x + 1, TOP + row * ROW_HEIGHT + 1, width - 2, ROW_HEIGHT - 2);
    if (withNumber && value != 0) {
      graphics.setColor(fraction > 0.65 ? Color.WHITE : ChartStyle.TEXT_COLOR);
      drawCentered(Integer.toString(value), x + width / 2, baseline(row));
    }
  }

  /** As many as there is room for, evenly spaced, the first among them. */
  private void drawColumnNames(List<String> columns) {
    int width = columns.stream().mapToInt(this::width).max().orElse(0) + GAP;
    int step = Math.max(1, (int) Math.ceil(width * (double) columns.size() / (right - left)));
    graphics.setColor(ChartStyle.TEXT_COLOR);
    for (int column = 0; column < columns.size(); column += step) {
      int start = columnStart(column, columns.size());
      int end = columnStart(column + 1, columns.size());
      drawCentered(columns.get(column), (start + end) / 2, bottom + 16);
    }
  }

  private void drawTick(double fraction, String label) {
    int x = x(fraction);
    graphics.setColor(ChartStyle.GRID_COLOR);
    graphics.drawLine(x, TOP, x, bottom + 3);
    graphics.setColor(ChartStyle.TEXT_COLOR);
    drawCentered(label, x, bottom + 17);
  }

  private void drawCentered(String text, int x, int baseline) {
    graphics.drawString(text, x - width(text) / 2, baseline);
  }

  private int x(double fraction) {
    return left + (int) Math.round(fraction * (right - left));
  }

  private int columnStart(int column, int columns) {
    return x((double) column / columns);
  }

  private int baseline(int row) {
    FontMetrics metrics = graphics.getFontMetrics();
    int spare = ROW_HEIGHT + metrics.getAscent() - metrics.getDescent();
    return TOP + row * ROW_HEIGHT + spare / 2;
  }

  private int width(String text) {
    return graphics.getFontMetrics().stringWidth(text);
  }

  private String truncated(String text, int width) {
    String shown = text;
    while (width(shown) > width && shown.length() > 1) {
      shown = shown.substring(0, shown.length() - 2) + "…";
    }
    return shown;
  }

  /** The color mixed with white. */
  private static Color tint(Color color, double strength) {
    int[] parts =
        IntStream.of(color.getRed(), color.getGreen(), color.getBlue())
            .map(part -> (int) Math.round(255 + (part - 255) * strength))
            .toArray();
    return new Color(parts[0], parts[1], parts[2]);
  }
}
