package org.shvideo.tasks.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the lines of a UTF-8 file. Lines longer than any that the product writes are truncated, so
 * that a damaged file does not exhaust the memory. Not thread-safe.
 */
final class LineReader {
  static final int MAX_LENGTH = 1 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 17];
  private int next;
  private int limit;
  private long position;
  private long number;

  /**
   * @param file borrowed, at its beginning
   * @param start offset in bytes to start at
   */
  LineReader(InputStream file, long start) throws IOException {
    file.skipNBytes(start);
    in = file;
    position = start;
  }

  /**
   * One line.
   *
   * @param number counted from 1 at the start offset
   * @param content its bytes, without the line break
   * @param end offset in bytes of the next line
   * @param complete whether it ends with a line break
   */
  @SuppressWarnings("ArrayRecordComponent") // lines are not compared
  record Line(long number, byte[] content, long end, boolean complete) {
    String text() {
      return new String(content, StandardCharsets.UTF_8);
    }
  }

  /** The next line, or null at the end of the file. */
  Line read() throws IOException {
    int end = lineBreak();
    if (end < limit) {
      return line(Arrays.copyOfRange(buffer, next, end), end + 1 - next, true);
    }
    return readLong();
  }

  /** A line that continues after what is in the buffer. */
  private Line readLong() throws IOException {
    long start = position;
    boolean complete = false;
    var content = new ByteArrayOutputStream(512);
    while (!complete && (next < limit || fill())) {
      int end = lineBreak();
      content.write(buffer, next, Math.min(end - next, MAX_LENGTH - content.size()));
      complete = end < limit;
      int read = end - next + (complete ? 1 : 0);
      next += read;
      position += read;
    }
    return position == start ? null : line(content.toByteArray(), 0, complete);
  }

  private Line line(byte[] content, int read, boolean complete) {
    next += read;
    position += read;
    return new Line(++number, content, position, complete);
  }

  /** Index of the next line break in the buffer, or its limit. */
  private int lineBreak() {
    int end = next;
    while (end < limit && buffer[end] != '\n') {
      end++;
    }
    return end;
  }

  private boolean fill() throws IOException {
    next = 0;
    limit = Math.max(0, in.read(buffer));
    return limit > 0;
  }
}
