package org.shvideo.tasks.log;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The lines of a UTF-8 file, with where they begin. A line longer than any that is written here
 * comes cut off, so that a damaged file costs no memory. Not thread-safe.
 */
final class LineReader {
  private static final int LONGEST = 1 << 20;

  private final InputStream in;
  private long next;

  /**
   * One line.
   *
   * @param start its offset in the file
   * @param end the next line's offset
   * @param whole whether a line break ended it
   */
  record Line(long start, long end, String text, boolean whole) {}

  /**
   * @param file borrowed, at its beginning
   * @param start where to begin
   */
  LineReader(InputStream file, long start) throws IOException {
    file.skipNBytes(start);
    in = new BufferedInputStream(file, 1 << 16);
    next = start;
  }

  /** The next line, or null at the end of the file. */
  Line read() throws IOException {
    long start = next;
    var text = new ByteArrayOutputStream(512);
    for (int c = in.read(); c >= 0; c = in.read()) {
      next++;
      if (c == '\n') {
        return new Line(start, next, text.toString(StandardCharsets.UTF_8), true);
      }
      if (text.size() < LONGEST) {
        text.write(c);
      }
    }
    return next == start
        ? null
        : new Line(start, next, text.toString(StandardCharsets.UTF_8), false);
  }
}
