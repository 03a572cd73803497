package org.shvideo.notebook.view;

import java.util.Map;

/** Something that a cell can show. A cell ends with {@link #show}. */
public abstract class View {
  /**
   * The content by MIME type, always with {@code text/plain}; pictures as Base64. The front end
   * chooses: a notebook the richest, a terminal the text.
   */
  public abstract Map<String, String> mimeBundle();

  /** The content as plain text. */
  public final String text() {
    return mimeBundle().get("text/plain");
  }

  /** The value for a cell's last line, which the kernel then displays. */
  public final Object show() {
    return Kernel.current().value(this);
  }

  @Override
  public final String toString() {
    return text();
  }
}
