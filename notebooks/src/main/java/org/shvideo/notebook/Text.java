package org.shvideo.notebook;

/** A sentence or a few lines of text. */
record Text(String text) implements View {
  private static final int BAR = 30;

  /** How far something is: {@code name ████░░░░ 62 % detail}. */
  static Text progress(String name, double share, String detail) {
    double part = Math.max(0, Math.min(1, share));
    int full = (int) Math.round(part * BAR);
    return new Text(
        "%s  %s%s  %3.0f %%  %s"
            .formatted(name, "█".repeat(full), "░".repeat(BAR - full), 100 * part, detail)
            .strip());
  }

  @Override
  public String toString() {
    return text;
  }
}
