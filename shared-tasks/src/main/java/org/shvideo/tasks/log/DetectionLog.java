package org.shvideo.tasks.log;

import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The log file. Lines of several workers, in one process or several, never interleave: an append
 * takes a lock on the file, writes whole lines and forces them to disk. Thread-safe.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class DetectionLog {
  public static final String FILE_NAME = "detections_log.jsonl";

  public DetectionLog(Path file) {
    throw new UnsupportedOperationException();
  }

  /**
   * Appends the line unless one with its job id stands there already.
   *
   * @return the line that stands in the log now: this one, or the earlier one
   */
  public DetectionLine append(DetectionLine line) {
    throw new UnsupportedOperationException();
  }

  /** All readable lines in the file's order; a missing file is an empty log. Close the stream. */
  public Stream<DetectionLine> lines() {
    throw new UnsupportedOperationException();
  }

  /** The line as it stands in the log, without the line break. */
  public static String toJson(DetectionLine line) {
    throw new UnsupportedOperationException();
  }
}
