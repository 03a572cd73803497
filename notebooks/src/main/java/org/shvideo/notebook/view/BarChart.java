package org.shvideo.notebook.view;

import java.awt.Color;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Vertical bars over categories. Categories and series keep the order of their maps. */
public final class BarChart {
  private static final int HEIGHT = 340;

  /** Pixels: a few bars must not fill the whole width. */
  private static final double MAX_BAR_WIDTH = 60;

  private BarChart() {}

  /** One bar for each category. */
  public static Picture of(String title, String x, String y, Map<String, Integer> bars) {
    CategoryChart chart = chart(title, x, y, Map.of(y, bars));
    chart.getStyler().setLegendVisible(false);
    return Picture.png(BitmapEncoder.getBufferedImage(chart), title + ": " + text(bars));
  }

  /** Bars of several series on top of each other; every series has every category. */
  public static Picture stacked(
      String title, String x, String y, Map<String, Map<String, Integer>> series) {
    CategoryChart chart = chart(title, x, y, series);
    chart.getStyler().setStacked(true);
    return Picture.png(
        BitmapEncoder.getBufferedImage(chart),
        series.entrySet().stream()
            .map(one -> one.getKey() + ": " + text(one.getValue()))
            .collect(Collectors.joining("\n", title + "\n", "")));
  }

  private static CategoryChart chart(
      String title, String x, String y, Map<String, Map<String, Integer>> series) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    Map<String, Integer> heights = new LinkedHashMap<>();
    series.forEach(
        (name, bars) -> {
          chart.addSeries(name, List.copyOf(bars.keySet()), List.copyOf(bars.values()));
          bars.forEach((category, value) -> heights.merge(category, value, Integer::sum));
        });
    int max = heights.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    style(chart.getStyler(), heights.size(), max);
    return chart;
  }

  private static void style(CategoryStyler styler, int categories, int max) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(ChartStyle.GRID_COLOR);
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setChartFontColor(ChartStyle.TEXT_COLOR);
    styler.setAxisTickLabelsColor(ChartStyle.TEXT_COLOR);
    styler.setChartTitleFont(ChartStyle.TITLE_FONT);
    styler.setAxisTitleFont(ChartStyle.AXIS_FONT);
    styler.setAxisTickLabelsFont(ChartStyle.TICK_FONT);
    styler.setLegendFont(ChartStyle.TICK_FONT);
    styler.setLegendPosition(LegendPosition.OutsideE);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setSeriesColors(ChartStyle.SERIES_COLORS);
    styler.setAvailableSpaceFill(Math.min(0.7, MAX_BAR_WIDTH * categories / ChartStyle.WIDTH));
    styler.setPlotContentSize(1); // bars stand on the axis
    styler.setXAxisTickMarkSpacingHint(24);
    styler.setYAxisMin(0.0);
    styler.setYAxisMax(Math.max(1, 1.06 * max));
    styler.setYAxisDecimalPattern("#");
  }

  private static String text(Map<String, Integer> bars) {
    return bars.entrySet().stream()
        .filter(bar -> bar.getValue() != 0)
        .map(bar -> bar.getKey() + " " + bar.getValue())
        .collect(Collectors.joining(", "));
  }
}
