package org.shvideo.tasks.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.shvideo.tasks.json.Json;

/**
 * What stands on one line of the log that is not blank.
 *
 * @param file the file it stands in, which may have been renamed since
 * @param number of the line in that file, from 1
 * @param line empty when it cannot be read: torn by a power cut, or something else's
 */
public record LogEntry(Path file, long number, Optional<DetectionLine> line) {

  /** Where it stands, as one would say it. */
  public String place() {
    return file.getFileName() + " line " + number;
  }

  static Optional<DetectionLine> parse(String text) {
    try {
      return Optional.ofNullable(Json.read(text, DetectionLine.class))
          .filter(line -> line.filename() != null);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
