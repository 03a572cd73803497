package org.shvideo.notebook.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private record Row(String name, Object value) {}

  @Test
  void alignsColumnsWithNumbersOnTheRight() {
    assertThat(table(new Row("a", 1), new Row("long name", 1234)).text())
        .isEqualTo(
            """
            name       value
            a              1
            long name   1234\
            """);
  }

  @Test
  void alignsWideLettersAndCombiningAccents() {
    assertThat(
            table(new Row("前門", "x"), new Row("e\u0301te\u0301", "x"), new Row("door", "x")).text())
        .isEqualTo("name  value\n前門  x\ne\u0301te\u0301   x\ndoor  x");
  }

  @Test
  void escapesHtml() {
    String html =
        table(new Row("<img src=x onerror=\"alert(1)\">.avi", List.of("<b>", "a&b")))
            .caption("<script>")
            .column("<i>", row -> 1)
            .mimeBundle()
            .get("text/html");

    assertThat(html)
        .contains(
            "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;.avi",
            "&lt;b&gt;, a&amp;b",
            "&lt;script&gt;",
            "&lt;i&gt;")
        .doesNotContain("<img", "<b>", "<script", "<i>");
  }

  @Test
  void replacesLineBreaksAndEscapesInText() {
    assertThat(table(new Row("a\n\u001b[31mb", 1)).text().lines())
        .containsExactly("name     value", "a [31mb      1");
  }

  @Test
  void showsTheFirstRowsAndTheNumberOfRows() {
    Table<Row> table = table(new Row("a", 1), new Row("b", 2), new Row("c", 3));

    assertThat(table.first(2).text()).endsWith("b         2\n2 of 3 rows");
    assertThat(table.first(2).mimeBundle().get("text/html"))
        .contains("<p>2 of 3 rows</p>")
        .doesNotContain(">c<");
    assertThat(table.first(3).text()).doesNotContain("rows");
    assertThat(table.first(-1).text()).isEqualTo("name  value\n0 of 3 rows");
  }

  @Test
  void alignsNumbersAndTheirTitleOnTheRight() {
    assertThat(table(new Row("a", 0.5), new Row("b", null)).mimeBundle().get("text/html"))
        .contains(
            "<th style=\"text-align:left;white-space:nowrap\">name</th>",
            "<th style=\"text-align:right;white-space:nowrap\">value</th>",
            "<td style=\"text-align:right;white-space:nowrap\">0.50</td>",
            "<td style=\"text-align:right\"></td>");
  }

  @Test
  void formatsValues() {
    assertThat(Table.format(null)).isEmpty();
    assertThat(Table.format(2.345)).isEqualTo("2.35");
    assertThat(Table.format(Arrays.asList("person", null, "car"))).isEqualTo("person, , car");
    assertThat(Table.format(LocalDateTime.parse("2026-03-02T08:05:00.123")))
        .isEqualTo("2026-03-02 08:05:00");
  }

  @Test
  void twoColumnsMayHaveTheSameTitle() {
    Table<Row> table =
        Table.of(List.of(new Row("a", 1))).column("x", Row::name).column("x", Row::value);

    assertThat(table.text()).isEqualTo("x  x\na  1");
  }

  @Test
  void anEmptyTableHasItsTitles() {
    assertThat(table().text()).isEqualTo("name  value");
    assertThat(table().caption("none").text()).isEqualTo("none\nname  value");
  }

  private static Table<Row> table(Row... rows) {
    return Table.of(List.of(rows)).column("name", Row::name).column("value", Row::value);
  }
}
