package org.shvideo.notebook;

import java.util.Map;

/** Something that a cell can show. A cell ends with {@link #show}. */
public interface View {
  /** As plain text, for where nothing better can be shown. */
  String text();

  /**
   * All forms that it can be shown in, by MIME type; pictures as Base64. The reader chooses: a
   * notebook the richest, a terminal the text.
   */
  default Map<String, String> forms() {
    return Map.of("text/plain", text());
  }

  /** The value for a cell's last line, which the kernel then shows. */
  default Object show() {
    return Kernel.current().value(this);
  }
}
