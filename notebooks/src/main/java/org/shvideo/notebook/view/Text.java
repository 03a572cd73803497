package org.shvideo.notebook.view;

import java.util.List;
import java.util.Map;

/** A sentence or a few lines of text. */
public final class Text extends View {
  private static final int BAR_WIDTH = 30;
  private static final int MAX_NAMES = 10;

  private final String text;

  public Text(String text) {
    this.text = text;
  }

  /** A bar: {@code name ████░░░░ 62 % detail}. The total is 0 or less when unknown. */
  public static Text progress(String name, double done, double total, String detail) {
    double fraction = total > 0 ? Math.max(0, Math.min(1, done / total)) : 0;
    int filled = (int) Math.round(fraction * BAR_WIDTH);
    String bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    return new Text("%s  %s  %3.0f %%  %s".formatted(name, bar, 100 * fraction, detail).strip());
  }

  /** The number with its noun: {@code 1 clip}, {@code 2 clips}. */
  public static String count(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** The names, at most ten of them: {@code car, person and 2 more}. */
  public static String list(List<String> names) {
    int shown = Math.min(MAX_NAMES, names.size());
    String list = String.join(", ", names.subList(0, shown));
    return shown < names.size() ? list + " and %d more".formatted(names.size() - shown) : list;
  }

  @Override
  public Map<String, String> mimeBundle() {
    return Map.of("text/plain", text);
  }
}
