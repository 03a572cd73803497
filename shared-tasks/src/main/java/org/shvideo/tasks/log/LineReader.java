package org.shvideo.tasks.log;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads the lines of a UTF-8 file. Lines longer than any that the product writes are truncated, so
 * that a damaged file does not exhaust the memory. Not thread-safe.
 */
final class LineReader {
  private static final int MAX_LENGTH = 1 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int next;
  private int limit;
  private long position;
  private long number;

  /**
   * @param file borrowed, at its beginning
   * @param start offset in bytes to start at
   */
  LineReader(FileInputStream file, long start) throws IOException {
    file.skipNBytes(start);
    in = file;
    position = start;
  }

  /**
   * One line.
   *
   * @param number counted from 1 at the start offset
   * @param end offset in bytes of the next line
   * @param complete whether it ends with a line break
   */
  record Line(long number, String text, long end, boolean complete) {}

  /** The next line, or null at the end of the file. */
  Line read() throws IOException {
    long start = position;
    boolean complete = false;
    var text = new ByteArrayOutputStream(512);
    while (!complete && (next < limit || fill())) {
      int end = next;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      text.write(buffer, next, Math.min(end - next, MAX_LENGTH - text.size()));
      complete = end < limit;
      int read = end - next + (complete ? 1 : 0);
      next += read;
      position += read;
    }
    return position == start
        ? null
        : new Line(++number, text.toString(StandardCharsets.UTF_8), position, complete);
  }

  private boolean fill() throws IOException {
    next = 0;
    limit = Math.max(0, in.read(buffer));
    return limit > 0;
  }
}
