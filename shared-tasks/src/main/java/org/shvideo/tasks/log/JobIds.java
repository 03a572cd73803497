package org.shvideo.tasks.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.shvideo.tasks.log.LineReader.Line;

/**
 * Finds out which jobs have lines, from the bytes of lines that need not be parsed for it: the
 * start of a worker with a long log consists of this.
 */
final class JobIds {
  private static final byte[] NAME = "\"job\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte ESCAPE = '\\';

  private JobIds() {}

  /**
   * Passes on the hash of the line's job id, if the line is well-formed and has one. May pass on
   * others too, of text that looks like a job's id.
   */
  static void find(Line line, LongConsumer action) {
    byte[] bytes = line.content();
    for (int at = nameOrEscape(bytes, 0); at < bytes.length; at = nameOrEscape(bytes, at)) {
      if (bytes[at] == ESCAPE) { // names can be written with escapes, too
        parse(line, action);
        return;
      }
      at += NAME.length;
      int colon = afterSpace(bytes, at);
      if (colon < bytes.length && bytes[colon] == ':') {
        int begin = afterSpace(bytes, colon + 1) + 1;
        int end = endOfText(bytes, begin);
        if (end < 0) {
          parse(line, action);
          return;
        }
        action.accept(hash(bytes, begin, end));
      }
    }
  }

  /** Index of the next name of the field, or of the next escape, or the length. */
  private static int nameOrEscape(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] != ESCAPE && !isName(bytes, at)) {
      at++;
    }
    return at;
  }

  private static boolean isName(byte[] bytes, int at) {
    return bytes[at] == '"'
        && Arrays.equals(bytes, at, Math.min(at + NAME.length, bytes.length), NAME, 0, NAME.length);
  }

  /** Index of the quote after ASCII text that begins there; -1 for anything else. */
  private static int endOfText(byte[] bytes, int begin) {
    int end = begin <= bytes.length && bytes[begin - 1] == '"' ? begin : bytes.length;
    while (end < bytes.length && bytes[end] != '"') {
      end = bytes[end] == ESCAPE || bytes[end] < 0 ? bytes.length : end + 1;
    }
    return end < bytes.length ? end : -1;
  }

  /** Whether text in the line may be written otherwise than its characters in UTF-8. */
  static boolean hasEscapes(byte[] line) {
    return indexOf(line, new byte[] {ESCAPE}, 0) >= 0;
  }

  private static void parse(Line line, LongConsumer action) {
    LogEntry.parse(line.content())
        .map(DetectionLine::job)
        .ifPresent(job -> action.accept(hash(job.getBytes(StandardCharsets.UTF_8))));
  }

  /** Index of the first byte from there on that JSON does not take for space, or the length. */
  private static int afterSpace(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) {
      at++;
    }
    return at;
  }

  /** Index of the first occurrence from there on, or -1. */
  static int indexOf(byte[] bytes, byte[] wanted, int from) {
    int last = bytes.length - wanted.length;
    for (int at = from; at <= last; at++) {
      int same = 0;
      while (same < wanted.length && bytes[at + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return at;
      }
    }
    return -1;
  }

  /** Of an id in UTF-8, 64 bits of it. Two ids with the same hash only cost a search. */
  static long hash(byte[] job) {
    return hash(job, 0, job.length);
  }

  /** FNV-1a, its bits mixed once more. */
  private static long hash(byte[] bytes, int begin, int end) {
    long hash = 0xcbf29ce484222325L;
    for (int i = begin; i < end; i++) {
      hash = (hash ^ bytes[i]) * 0x100000001b3L;
    }
    return (hash ^ hash >>> 32) * 0x9e3779b97f4a7c15L;
  }
}
