package org.shvideo.notebook.view;

import java.util.UUID;

/**
 * An output of a cell whose content changes while the cell runs. The last content is saved with the
 * notebook. Not thread-safe.
 */
public final class LiveDisplay {
  private static final long MIN_INTERVAL_NANOS = 200_000_000;

  private final String id = UUID.randomUUID().toString();
  private final Kernel kernel;
  private String shown;
  private long shownNanos;

  public LiveDisplay() {
    this(Kernel.current());
  }

  LiveDisplay(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Replaces the content, unless it was replaced within the last 0.2 s. */
  public void show(View view) {
    if (shown == null || System.nanoTime() - shownNanos > MIN_INTERVAL_NANOS) {
      showNow(view);
    }
  }

  /** Replaces the content in any case. */
  public void showNow(View view) {
    String text = view.text();
    if (!text.equals(shown)) {
      kernel.display(view, id, shown != null);
    }
    shown = text;
    shownNanos = System.nanoTime();
  }
}
