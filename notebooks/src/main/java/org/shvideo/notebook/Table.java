package org.shvideo.notebook;

import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Rows as a table: {@code Table.of(people).column("Name", Person::name)}. Numbers stand to the
 * right, times are local, lists are joined by commas, null is empty. Immutable.
 *
 * @param <T> what a row is made from
 */
public final class Table<T> implements View {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private final List<T> rows;
  private final Map<String, Function<? super T, ?>> columns;
  private final String caption;
  private final int most;

  private Table(
      List<T> rows, Map<String, Function<? super T, ?>> columns, String caption, int most) {
    this.rows = rows;
    this.columns = columns;
    this.caption = caption;
    this.most = most;
  }

  /** A table without columns yet. */
  public static <T> Table<T> of(Collection<T> rows) {
    return new Table<>(List.copyOf(rows), Map.of(), "", Integer.MAX_VALUE);
  }

  /** With one more column on the right. */
  public Table<T> column(String title, Function<? super T, ?> value) {
    Map<String, Function<? super T, ?>> more = new LinkedHashMap<>(columns);
    more.put(title, value);
    return new Table<>(rows, more, caption, most);
  }

  /** With a sentence above it. */
  public Table<T> caption(String sentence) {
    return new Table<>(rows, columns, sentence, most);
  }

  /** Showing only so many rows, and saying so. */
  public Table<T> first(int rowsShown) {
    return new Table<>(rows, columns, caption, rowsShown);
  }

  public List<T> rows() {
    return rows;
  }

  @Override
  public Map<String, String> forms() {
    return Map.of("text/html", html(), "text/plain", text());
  }

  @Override
  public String text() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.copyOf(columns.keySet()));
    shown().forEach(row -> lines.add(cells(row)));
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < columns.size(); column++) {
      int at = column;
      widths.add(lines.stream().mapToInt(line -> line.get(at).length()).max().orElse(0));
    }
    StringBuilder text = new StringBuilder(caption.isEmpty() ? "" : caption + "\n");
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int column = 0; column < line.size(); column++) {
        row.append(line.get(column))
            .append(" ".repeat(widths.get(column) - line.get(column).length() + 2));
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.append(leftOut()).toString().stripTrailing();
  }

  private String html() {
    StringBuilder html = new StringBuilder();
    if (!caption.isEmpty()) {
      html.append("<p>").append(escape(caption)).append("</p>\n");
    }
    html.append("<table>\n<thead><tr>");
    columns.keySet().forEach(title -> html.append(cell("th", escape(title), false)));
    html.append("</tr></thead>\n<tbody>\n");
    for (T row : shown()) {
      html.append("<tr>");
      for (Function<? super T, ?> column : columns.values()) {
        Object value = column.apply(row);
        html.append(cell("td", escape(format(value)), value instanceof Number));
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table>");
    if (!leftOut().isEmpty()) {
      html.append("\n<p>").append(leftOut()).append("</p>");
    }
    return html.toString();
  }

  private static String cell(String tag, String content, boolean number) {
    return "<%s style=\"text-align:%s\">%s</%s>"
        .formatted(tag, number ? "right" : "left", content, tag);
  }

  private List<T> shown() {
    return rows.subList(0, Math.min(most, rows.size()));
  }

  private String leftOut() {
    return rows.size() > most ? "%,d of %,d rows".formatted(most, rows.size()) : "";
  }

  private List<String> cells(T row) {
    return columns.values().stream().map(column -> format(column.apply(row))).toList();
  }

  static String format(Object value) {
    if (value == null) {
      return "";
    }
    if (value instanceof Double || value instanceof Float) {
      return String.format(Locale.ROOT, "%.2f", ((Number) value).doubleValue());
    }
    if (value instanceof LocalDateTime time) {
      return TIME.format(time);
    }
    if (value instanceof OffsetDateTime time) {
      return TIME.format(time.atZoneSameInstant(ZoneId.systemDefault()));
    }
    if (value instanceof Collection<?> values) {
      return values.stream().map(Table::format).collect(Collectors.joining(", "));
    }
    return value.toString();
  }

  /** Names of clips and labels of models come from outside. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("\n", "<br>");
  }

  @Override
  public String toString() {
    return text();
  }
}
