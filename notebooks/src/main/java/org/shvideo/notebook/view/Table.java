package org.shvideo.notebook.view;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Rows as a table: {@code Table.of(people).column("Name", Person::name)}. Numbers are aligned
 * right, times are local, lists are joined by commas, null is empty. Immutable.
 *
 * @param <T> what a row is made from
 */
public final class Table<T> extends View {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final int MAX_UNWRAPPED = 36;

  /** The first character of East Asian scripts, which with emoji fill the code points from here. */
  private static final int FIRST_WIDE = 0x2e80;

  private final List<T> rows;
  private final List<Column<T>> columns;
  private final String caption;
  private final int maxRows;

  private record Column<T>(String title, Function<? super T, ?> value) {}

  /** A column's cells, formatted. */
  private record Cells(String title, List<Object> values, List<String> texts, boolean numeric) {}

  private Table(List<T> rows, List<Column<T>> columns, String caption, int maxRows) {
    this.rows = rows;
    this.columns = columns;
    this.caption = caption;
    this.maxRows = maxRows;
  }

  /** A table without columns yet. */
  public static <T> Table<T> of(Collection<T> rows) {
    return new Table<>(List.copyOf(rows), List.of(), "", Integer.MAX_VALUE);
  }

  /** Adds a column on the right. */
  public Table<T> column(String title, Function<? super T, ?> value) {
    List<Column<T>> more = new ArrayList<>(columns);
    more.add(new Column<>(title, value));
    return new Table<>(rows, List.copyOf(more), caption, maxRows);
  }

  /** Puts a sentence above the table. */
  public Table<T> caption(String sentence) {
    return new Table<>(rows, columns, sentence, maxRows);
  }

  /** Shows only the first rows, and how many there are. */
  public Table<T> first(int count) {
    return new Table<>(rows, columns, caption, Math.max(0, count));
  }

  @Override
  public Map<String, String> mimeBundle() {
    List<T> shown = rows.subList(0, Math.min(maxRows, rows.size()));
    List<Cells> cells = columns.stream().map(column -> cells(column, shown)).toList();
    String rowCount =
        rows.size() > maxRows
            ? String.format(Locale.ROOT, "%,d of %,d rows", maxRows, rows.size())
            : "";
    return Map.of(
        "text/html",
        html(cells, shown.size(), rowCount),
        "text/plain",
        text(cells, shown.size(), rowCount));
  }

  private Cells cells(Column<T> column, List<T> shown) {
    List<Object> values = new ArrayList<>();
    shown.forEach(row -> values.add(column.value().apply(row)));
    List<Object> known = values.stream().filter(Objects::nonNull).toList();
    return new Cells(
        column.title(),
        values,
        values.stream().map(Table::format).toList(),
        !known.isEmpty() && known.stream().allMatch(Number.class::isInstance));
  }

  private String text(List<Cells> cells, int rowsShown, String rowCount) {
    List<StringBuilder> lines = new ArrayList<>();
    for (int i = 0; i <= rowsShown; i++) {
      lines.add(new StringBuilder());
    }
    for (Cells column : cells) {
      List<String> texts = new ArrayList<>(List.of(column.title()));
      column.texts().forEach(text -> texts.add(text.replaceAll("\\p{Cntrl}+", " ")));
      int width = texts.stream().mapToInt(Table::width).max().orElse(0);
      for (int i = 0; i < texts.size(); i++) {
        String padding = " ".repeat(width - width(texts.get(i)));
        String cell = column.numeric() ? padding + texts.get(i) : texts.get(i) + padding;
        lines.get(i).append(cell).append("  ");
      }
    }
    String body =
        lines.stream()
            .map(line -> line.toString().stripTrailing())
            .collect(Collectors.joining("\n"));
    return (caption + "\n" + body + "\n" + rowCount).strip();
  }

  private String html(List<Cells> cells, int rowsShown, String rowCount) {
    StringBuilder html = new StringBuilder();
    if (!caption.isEmpty()) {
      html.append("<p>").append(escape(caption)).append("</p>\n");
    }
    html.append("<table>\n<thead><tr>");
    cells.forEach(column -> html.append(cell("th", column.title(), column.numeric())));
    html.append("</tr></thead>\n<tbody>\n");
    for (int row = 0; row < rowsShown; row++) {
      html.append("<tr>");
      for (Cells column : cells) {
        boolean number = column.values().get(row) instanceof Number;
        html.append(cell("td", column.texts().get(row), number));
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table>");
    if (!rowCount.isEmpty()) {
      html.append("\n<p>").append(rowCount).append("</p>");
    }
    return html.toString();
  }

  private static String cell(String tag, String text, boolean number) {
    // A date or a file name that wraps makes every row twice as high; a sentence should wrap.
    String wrap = !text.isEmpty() && text.length() <= MAX_UNWRAPPED ? ";white-space:nowrap" : "";
    return "<%s style=\"text-align:%s%s\">%s</%s>"
        .formatted(tag, number ? "right" : "left", wrap, escape(text), tag);
  }

  /** In columns of a terminal: East Asian characters and emoji take two, accents none. */
  private static int width(String text) {
    return text.replaceAll("[\\p{Mn}\\p{Me}\\p{Cf}]", "")
        .codePoints()
        .map(c -> c < FIRST_WIDE ? 1 : 2)
        .sum();
  }

  /** The value as a cell shows it. */
  public static String format(Object value) {
    if (value == null) {
      return "";
    }
    if (value instanceof Double || value instanceof Float) {
      return String.format(Locale.ROOT, "%.2f", ((Number) value).doubleValue());
    }
    if (value instanceof LocalDateTime
        || value instanceof OffsetDateTime
        || value instanceof Instant) {
      return TIME.withZone(ZoneId.systemDefault()).format((TemporalAccessor) value);
    }
    if (value instanceof Collection<?> values) {
      return values.stream().map(Table::format).collect(Collectors.joining(", "));
    }
    return value.toString();
  }

  /** File names and labels come from outside. */
  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("\n", "<br>");
  }
}
