package org.shvideo.notebook;

import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws the few kinds of chart that the notebooks need, all in one look. */
final class Charts {
  static final int WIDTH = 900;
  static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);
  static final Font AXIS = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  static final Font TICKS = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
  private static final int HEIGHT = 340;

  /** Pixels: a few bars across the whole picture would look like a wall. */
  private static final double WIDEST_BAR = 60;

  static final Color INK = new Color(0x33, 0x33, 0x33);
  static final Color[] COLORS = {
    new Color(0x2a, 0x6f, 0x97),
    new Color(0xe0, 0x7a, 0x3f),
    new Color(0x5b, 0x9a, 0x5b),
    new Color(0xb5, 0x4a, 0x6b),
    new Color(0x8a, 0x7a, 0xb5),
    new Color(0xc9, 0xa2, 0x27),
    new Color(0x55, 0x99, 0xa5),
    new Color(0x7f, 0x7f, 0x7f),
  };

  private Charts() {}

  /** One bar a category, in the map's order. */
  static Picture bars(String title, String x, String y, Map<String, ? extends Number> bars) {
    CategoryChart chart =
        categories(
            title, x, y, bars.size(), bars.values().stream().mapToDouble(Number::doubleValue));
    chart.getStyler().setLegendVisible(false);
    chart.addSeries(y, List.copyOf(bars.keySet()), numbers(bars.values()));
    return picture(chart, title + ": " + listed(bars));
  }

  /** Bars of several series on top of each other; every series has every category. */
  static Picture stacked(
      String title,
      String x,
      String y,
      Map<String, ? extends Map<String, ? extends Number>> series) {
    Map<String, Double> sums = new LinkedHashMap<>();
    series
        .values()
        .forEach(
            bars -> bars.forEach((at, value) -> sums.merge(at, value.doubleValue(), Double::sum)));
    CategoryChart chart =
        categories(
            title, x, y, sums.size(), sums.values().stream().mapToDouble(Double::doubleValue));
    chart.getStyler().setStacked(true);
    series.forEach(
        (name, bars) -> chart.addSeries(name, List.copyOf(bars.keySet()), numbers(bars.values())));
    return picture(
        chart,
        series.entrySet().stream()
            .map(one -> one.getKey() + ": " + listed(one.getValue()))
            .collect(Collectors.joining("\n", title + "\n", "")));
  }

  /**
   * A field of cells, dark where there is much.
   *
   * @param rows from the top down
   * @param values a row for each of {@code rows}, a value for each of {@code columns}
   */
  static Picture heat(
      String title, String x, List<String> columns, List<String> rows, List<int[]> values) {
    String text =
        IntStream.range(0, rows.size())
            .mapToObj(
                row ->
                    rows.get(row)
                        + ": "
                        + IntStream.of(values.get(row))
                            .mapToObj(Integer::toString)
                            .collect(Collectors.joining(" ")))
            .collect(Collectors.joining("\n", title + "\n", ""));
    return Picture.png(RowChart.heat(title, x, columns, rows, values), text);
  }

  /**
   * A row of marks for each name: when it was there.
   *
   * @param seconds how long it is in all
   * @param lasts how long each mark stands for, seconds
   * @param marks seconds from the start, in order; at least one for each name
   */
  static Picture timeline(
      String title, double seconds, double lasts, Map<String, List<Double>> marks) {
    String text =
        marks.entrySet().stream()
            .map(
                one ->
                    String.format(
                        Locale.ROOT,
                        "%s: from %.1f s to %.1f s",
                        one.getKey(),
                        one.getValue().get(0),
                        one.getValue().get(one.getValue().size() - 1)))
            .collect(Collectors.joining("\n", title + "\n", ""));
    return Picture.png(RowChart.timeline(title, seconds, lasts, marks), text);
  }

  private static CategoryChart categories(
      String title, String x, String y, int bars, DoubleStream heights) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    style(chart.getStyler());
    chart.getStyler().setAvailableSpaceFill(Math.min(0.7, WIDEST_BAR * bars / WIDTH));
    chart.getStyler().setPlotContentSize(1); // bars stand on the axis
    chart.getStyler().setXAxisTickMarkSpacingHint(24);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(Math.max(1, 1.06 * heights.max().orElse(0)));
    chart.getStyler().setYAxisDecimalPattern("#");
    return chart;
  }

  private static void style(AxesChartStyler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(new Color(0xdd, 0xdd, 0xdd));
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setChartFontColor(INK);
    styler.setAxisTickLabelsColor(INK);
    styler.setChartTitleFont(TITLE);
    styler.setAxisTitleFont(AXIS);
    styler.setAxisTickLabelsFont(TICKS);
    styler.setLegendFont(TICKS);
    styler.setLegendPosition(LegendPosition.OutsideE);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setSeriesColors(COLORS);
  }

  private static List<Double> numbers(Iterable<? extends Number> values) {
    List<Double> numbers = new ArrayList<>();
    values.forEach(value -> numbers.add(value.doubleValue()));
    return numbers;
  }

  private static String listed(Map<String, ? extends Number> bars) {
    return bars.entrySet().stream()
        .filter(bar -> bar.getValue().doubleValue() != 0)
        .map(bar -> bar.getKey() + " " + Table.format(bar.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static Picture picture(Chart<?, ?> chart, String text) {
    return Picture.png(BitmapEncoder.getBufferedImage(chart), text);
  }
}
