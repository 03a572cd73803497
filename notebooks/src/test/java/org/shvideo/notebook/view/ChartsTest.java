package org.shvideo.notebook.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChartsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 24, 400})
  void drawsAnyNumberOfBars(int count) throws IOException {
    Map<String, Integer> bars = new LinkedHashMap<>();
    IntStream.range(0, count).forEach(i -> bars.put("category number " + i, i % 7));

    Picture chart = BarChart.of("title", "x", "y", bars);

    assertThat(drawn(chart)).matches(image -> image.getWidth() == 900 && image.getHeight() == 340);
    assertThat(chart.text()).startsWith("title: ");
  }

  @Test
  void drawsBarsOfHeightZero() throws IOException {
    drawn(BarChart.of("title", "x", "y", Map.of("a", 0, "b", 0)));
    drawn(BarChart.stacked("title", "x", "y", Map.of("one", Map.of("a", 0))));
  }

  @Test
  void aSingleBarIsNotTooWide() throws IOException {
    BufferedImage image = drawn(BarChart.of("title", "x", "y", Map.of("a", 5)));

    int middle = image.getHeight() / 2;
    long blue =
        IntStream.range(0, image.getWidth())
            .filter(x -> image.getRGB(x, middle) == ChartStyle.SERIES_COLORS[0].getRGB())
            .count();
    assertThat(blue).isBetween(30L, 90L);
  }

  @Test
  void stackedBarsHaveEachSeriesInItsColor() throws IOException {
    Map<String, Map<String, Integer>> series = new LinkedHashMap<>();
    IntStream.range(0, 12).forEach(i -> series.put("camera " + i, Map.of("Monday", 3)));

    Picture chart = BarChart.stacked("title", "x", "y", series);

    BufferedImage image = drawn(chart);
    for (Color color : ChartStyle.SERIES_COLORS) {
      assertThat(pixels(image, color)).isPositive();
    }
    assertThat(chart.text().lines()).hasSize(13).contains("camera 0: Monday 3");
  }

  @Test
  void aHeatMapHasItsFirstRowOnTopAndItsGreatestCellDarkest() throws IOException {
    Picture chart =
        RowChart.heatMap(
            "title",
            "hour",
            List.of("00", "01"),
            List.of("Mon", "Tue"),
            List.of(new int[] {9, 0}, new int[] {0, 1}));

    BufferedImage image = drawn(chart);
    assertThat(image.getRGB(250, 50)).isEqualTo(ChartStyle.SERIES_COLORS[0].getRGB());
    assertThat(image.getRGB(800, 50)).isNotEqualTo(ChartStyle.SERIES_COLORS[0].getRGB());
    assertThat(chart.text()).isEqualTo("title\nMon: 9 0\nTue: 0 1");
  }

  @Test
  void drawsEmptyAndVeryLargeHeatMaps() throws IOException {
    drawn(RowChart.heatMap("title", "x", List.of("a"), List.of("b"), List.of(new int[] {0})));
    List<String> columns = IntStream.range(0, 700).mapToObj(i -> "column " + i).toList();
    List<String> rows = IntStream.range(0, 40).mapToObj(i -> "r".repeat(5 * i + 1)).toList();
    int[] values = columns.stream().mapToInt(String::length).toArray();

    BufferedImage image =
        drawn(
            RowChart.heatMap("t".repeat(300), "x", columns, rows, Arrays.asList(fill(40, values))));

    assertThat(image.getWidth()).isEqualTo(900);
  }

  @Test
  void aTimelineHasARowWithMarksForEachName() throws IOException {
    Map<String, List<Double>> marks = new LinkedHashMap<>();
    marks.put("car", List.of(0.0, 1.0));
    marks.put("person", List.of(9.9));

    Picture chart = RowChart.timeline("title", 10, 1, marks);

    BufferedImage image = drawn(chart);
    int car = pixels(image, ChartStyle.SERIES_COLORS[0]);
    int person = pixels(image, ChartStyle.SERIES_COLORS[1]);
    assertThat(car).as("two seconds against a tenth").isGreaterThan(10 * person);
    assertThat(person).isPositive();
    assertThat(chart.text())
        .isEqualTo("title\ncar: from 0.0 s to 1.0 s\nperson: from 9.9 s to 9.9 s");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.04, 119, 7200, 1e6})
  void drawsTimelinesOfAnyLength(double seconds) throws IOException {
    drawn(RowChart.timeline("title", seconds, 0.04, Map.of("car", List.of(0.0))));
  }

  /** The kernels cut the last bytes of pictures that they encode; ours are handed over whole. */
  private static BufferedImage drawn(Picture picture) throws IOException {
    assertThat(picture.mimeBundle()).containsOnlyKeys("image/png", "text/plain");
    byte[] file = Base64.getDecoder().decode(picture.mimeBundle().get("image/png"));
    assertThat(new String(file, StandardCharsets.ISO_8859_1)).endsWith("IEND\u00aeB`\u0082");
    return ImageIO.read(new ByteArrayInputStream(file));
  }

  private static int pixels(BufferedImage image, Color color) {
    int pixels = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        pixels += image.getRGB(x, y) == color.getRGB() ? 1 : 0;
      }
    }
    return pixels;
  }

  private static int[][] fill(int rows, int[] values) {
    int[][] all = new int[rows][];
    Arrays.fill(all, values);
    return all;
  }
}
