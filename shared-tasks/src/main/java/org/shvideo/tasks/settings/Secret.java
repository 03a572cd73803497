package org.shvideo.tasks.settings;

/**
 * A value that must never be printed: {@link #toString} shows stars. Empty means that none was set.
 */
public record Secret(String value) {
  public static final Secret NONE = new Secret("");

  public boolean isEmpty() {
    return value.isEmpty();
  }

  @Override
  public String toString() {
    return isEmpty() ? "" : "***";
  }
}
