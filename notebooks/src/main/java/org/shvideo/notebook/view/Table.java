package org.shvideo.notebook.view;

import static java.util.stream.Collectors.joining;

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
import java.util.function.Function;

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

  private record Column<T>(String title, Function<? super T, ?> value) {
    Cells cells(List<T> rows) {
      List<String> texts = new ArrayList<>(List.of(title));
      int numbers = 0;
      int others = 0;
      for (T row : rows) {
        Object cell = value.apply(row);
        texts.add(format(cell));
        numbers += cell instanceof Number ? 1 : 0;
        others += cell == null || cell instanceof Number ? 0 : 1;
      }
      int width = texts.stream().mapToInt(text -> width(oneLine(text))).max().orElse(0);
      return new Cells(texts, numbers > 0 && others == 0, width);
    }
  }

  /** A column as text: its title and cells, and the width of the widest. */
  private record Cells(List<String> texts, boolean numeric, int width) {
    String padded(int row) {
      String text = oneLine(texts.get(row));
      String padding = " ".repeat(width - Table.width(text));
      return numeric ? padding + text : text + padding;
    }

    String html(int row) {
      String text = texts.get(row);
      // A date or a file name that wraps makes every row twice as high; a sentence should wrap.
      boolean wrap = text.isEmpty() || text.length() > MAX_UNWRAPPED;
      return "<%1$s style=\"text-align:%2$s%3$s\">%4$s</%1$s>"
          .formatted(
              row == 0 ? "th" : "td",
              numeric ? "right" : "left",
              wrap ? "" : ";white-space:nowrap",
              escape(text));
    }
  }

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
    List<Cells> cells = columns.stream().map(column -> column.cells(shown)).toList();
    StringBuilder text = new StringBuilder(caption).append('\n');
    StringBuilder html = new StringBuilder();
    if (!caption.isEmpty()) {
      html.append("<p>").append(escape(caption)).append("</p>\n");
    }
    html.append("<table>\n<thead>");
    for (int row = 0; row <= shown.size(); row++) {
      int index = row;
      html.append("<tr>");
      cells.forEach(column -> html.append(column.html(index)));
      html.append(row == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n");
      String line = cells.stream().map(column -> column.padded(index)).collect(joining("  "));
      text.append(line.stripTrailing()).append('\n');
    }
    html.append("</tbody>\n</table>");
    if (rows.size() > maxRows) {
      String count = String.format(Locale.ROOT, "%,d of %,d rows", maxRows, rows.size());
      html.append("\n<p>").append(count).append("</p>");
      text.append(count);
    }
    return Map.of("text/html", html.toString(), "text/plain", text.toString().strip());
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
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
      return values.stream().map(Table::format).collect(joining(", "));
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
