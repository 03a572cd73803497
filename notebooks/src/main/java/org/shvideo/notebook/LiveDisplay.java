package org.shvideo.notebook;

import java.util.UUID;

/**
 * One place under a cell whose content changes while the cell runs; its last content stays and is
 * saved with the notebook. Not thread-safe.
 */
final class LiveDisplay {
  private static final long AT_MOST_EVERY_NANOS = 200_000_000;

  private final String id = UUID.randomUUID().toString();
  private final Kernel kernel;
  private String shown;
  private long shownNanos;

  LiveDisplay() {
    this(Kernel.current());
  }

  LiveDisplay(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Shows the view in place of what stood there, unless something was shown just before. */
  void show(View view) {
    if (shown == null || System.nanoTime() - shownNanos > AT_MOST_EVERY_NANOS) {
      showNow(view);
    }
  }

  /** Shows the view in any case, as for the last time. */
  void showNow(View view) {
    String text = view.text();
    if (shown == null) {
      kernel.display(view, id);
    } else if (!text.equals(shown)) {
      kernel.update(view, id);
    }
    shown = text;
    shownNanos = System.nanoTime();
  }
}
