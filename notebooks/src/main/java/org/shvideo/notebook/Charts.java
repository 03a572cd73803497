package org.shvideo.notebook;

import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the few kinds of chart that the notebooks need, all in one look. */
final class Charts {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 340;
  private static final Color INK = new Color(0x33, 0x33, 0x33);
  private static final Color[] COLORS = {
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
    CategoryChart chart = categories(title, x, y);
    chart.getStyler().setLegendVisible(false);
    chart.addSeries(y, List.copyOf(bars.keySet()), numbers(bars.values()));
    return picture(chart, title + ": " + listed(bars));
  }

  /** Bars of several series on top of each other; every series has every category. */
  static Picture stacked(
      String title,
      String x,
      String y,
      Map<String, ? extends SortedMap<String, ? extends Number>> series) {
    CategoryChart chart = categories(title, x, y);
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
   * @param values a row for each of {@code rows}, a value for each of {@code columns}
   */
  static Picture heat(
      String title, String x, List<String> columns, List<String> rows, List<int[]> values) {
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(WIDTH)
            .height(Math.max(200, 120 + 30 * rows.size()))
            .title(title)
            .xAxisTitle(x)
            .build();
    style(chart.getStyler());
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setShowValue(true);
    chart
        .getStyler()
        .setRangeColors(new Color[] {new Color(0xf4, 0xf7, 0xf9), new Color(0x2a, 0x6f, 0x97)});
    List<Number[]> cells = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns.size(); column++) {
        cells.add(new Number[] {column, row, values.get(row)[column]});
      }
    }
    chart.addSeries(title, columns, rows, cells);
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
    return picture(chart, text);
  }

  /**
   * A row of marks for each name: when it was there.
   *
   * @param marks seconds from the start
   */
  static Picture timeline(String title, double seconds, Map<String, List<Double>> marks) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(140 + 36 * marks.size())
            .title(title)
            .xAxisTitle("seconds")
            .build();
    style(chart.getStyler());
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart.getStyler().setMarkerSize(9);
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax(seconds);
    chart.getStyler().setYAxisMin(-0.5);
    chart.getStyler().setYAxisMax(marks.size() - 0.5);
    chart.getStyler().setPlotGridVerticalLinesVisible(true);
    List<String> names = List.copyOf(marks.keySet());
    chart
        .getStyler()
        .setYAxisTickLabelsFormattingFunction(
            at -> {
              int row = (int) Math.round(at);
              boolean onRow = Math.abs(at - row) < 1e-6 && row >= 0 && row < names.size();
              return onRow ? names.get(names.size() - 1 - row) : "";
            });
    for (int row = 0; row < names.size(); row++) {
      List<Double> at = marks.get(names.get(row));
      double height = names.size() - 1 - row;
      chart
          .addSeries(names.get(row), at, at.stream().map(any -> height).toList())
          .setMarker(SeriesMarkers.SQUARE);
    }
    String text =
        marks.entrySet().stream()
            .map(
                one ->
                    "%s: from %.1f s to %.1f s"
                        .formatted(
                            one.getKey(),
                            one.getValue().get(0),
                            one.getValue().get(one.getValue().size() - 1)))
            .collect(Collectors.joining("\n", title + "\n", ""));
    return picture(chart, text);
  }

  private static CategoryChart categories(String title, String x, String y) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    style(chart.getStyler());
    chart.getStyler().setAvailableSpaceFill(0.7);
    chart.getStyler().setYAxisMin(0.0);
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
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
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
