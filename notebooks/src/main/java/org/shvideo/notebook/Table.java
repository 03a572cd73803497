package org.shvideo.notebook;

import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

  private static final Set<Integer> ACCENTS =
      Set.of(
          (int) Character.NON_SPACING_MARK, (int) Character.ENCLOSING_MARK, (int) Character.FORMAT);
  private static final Set<Character.UnicodeScript> WIDE_SCRIPTS =
      Set.of(
          Character.UnicodeScript.HIRAGANA,
          Character.UnicodeScript.KATAKANA,
          Character.UnicodeScript.HANGUL);
  private static final int FIRST_PICTURE = 0x1f300;

  private static final int LONGEST_UNWRAPPED = 36;

  private final List<T> rows;
  private final List<Column<T>> columns;
  private final String caption;
  private final int most;

  private record Column<T>(String title, Function<? super T, ?> value) {}

  /** A column's title and cells, with where they stand. */
  private record Cells(List<Object> values, List<String> texts, boolean numbers) {}

  private Table(List<T> rows, List<Column<T>> columns, String caption, int most) {
    this.rows = rows;
    this.columns = columns;
    this.caption = caption;
    this.most = most;
  }

  /** A table without columns yet. */
  public static <T> Table<T> of(Collection<T> rows) {
    return new Table<>(List.copyOf(rows), List.of(), "", Integer.MAX_VALUE);
  }

  /** With one more column on the right. */
  public Table<T> column(String title, Function<? super T, ?> value) {
    List<Column<T>> more = new ArrayList<>(columns);
    more.add(new Column<>(title, value));
    return new Table<>(rows, List.copyOf(more), caption, most);
  }

  /** With a sentence above it. */
  public Table<T> caption(String sentence) {
    return new Table<>(rows, columns, sentence, most);
  }

  /** Showing only so many rows, and saying so. */
  public Table<T> first(int rowsShown) {
    return new Table<>(rows, columns, caption, Math.max(0, rowsShown));
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
    List<StringBuilder> lines = new ArrayList<>();
    for (int i = 0; i <= shown().size(); i++) {
      lines.add(new StringBuilder());
    }
    for (Column<T> column : columns) {
      Cells cells = cells(column);
      List<String> texts = new ArrayList<>(List.of(column.title()));
      cells.texts().forEach(text -> texts.add(text.replaceAll("\\p{Cntrl}+", " ")));
      int width = texts.stream().mapToInt(Table::width).max().orElse(0);
      for (int i = 0; i < texts.size(); i++) {
        String space = " ".repeat(width - width(texts.get(i)));
        lines
            .get(i)
            .append(cells.numbers() ? space + texts.get(i) : texts.get(i) + space)
            .append("  ");
      }
    }
    List<String> text = new ArrayList<>();
    text.add(caption);
    lines.forEach(line -> text.add(line.toString()));
    text.add(leftOut());
    return text.stream().map(String::stripTrailing).collect(Collectors.joining("\n")).strip();
  }

  private String html() {
    List<Cells> cells = columns.stream().map(this::cells).toList();
    StringBuilder html = new StringBuilder();
    if (!caption.isEmpty()) {
      html.append("<p>").append(escape(caption)).append("</p>\n");
    }
    html.append("<table>\n<thead><tr>");
    for (int i = 0; i < columns.size(); i++) {
      html.append(cell("th", columns.get(i).title(), cells.get(i).numbers()));
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (int row = 0; row < shown().size(); row++) {
      html.append("<tr>");
      for (Cells column : cells) {
        boolean number = column.values().get(row) instanceof Number;
        html.append(cell("td", column.texts().get(row), number));
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table>");
    if (!leftOut().isEmpty()) {
      html.append("\n<p>").append(leftOut()).append("</p>");
    }
    return html.toString();
  }

  private static String cell(String tag, String text, boolean number) {
    // A date or a file name that wraps makes every row twice as high; a sentence should wrap.
    String wrap =
        !text.isEmpty() && text.length() <= LONGEST_UNWRAPPED ? ";white-space:nowrap" : "";
    return "<%s style=\"text-align:%s%s\">%s</%s>"
        .formatted(tag, number ? "right" : "left", wrap, escape(text), tag);
  }

  private List<T> shown() {
    return rows.subList(0, Math.min(most, rows.size()));
  }

  private String leftOut() {
    return rows.size() > most
        ? String.format(Locale.ROOT, "%,d of %,d rows", most, rows.size())
        : "";
  }

  private Cells cells(Column<T> column) {
    List<Object> values = new ArrayList<>();
    shown().forEach(row -> values.add(column.value().apply(row)));
    List<Object> known = values.stream().filter(Objects::nonNull).toList();
    return new Cells(
        values,
        values.stream().map(Table::format).toList(),
        !known.isEmpty() && known.stream().allMatch(Number.class::isInstance));
  }

  /** Columns of a terminal: letters of East Asia and pictures take two, accents none. */
  private static int width(String text) {
    return text.codePoints().map(c -> ACCENTS.contains(Character.getType(c)) ? 0 : width(c)).sum();
  }

  private static int width(int c) {
    boolean wide =
        Character.isIdeographic(c)
            || WIDE_SCRIPTS.contains(Character.UnicodeScript.of(c))
            || c >= FIRST_PICTURE;
    return wide ? 2 : 1;
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
