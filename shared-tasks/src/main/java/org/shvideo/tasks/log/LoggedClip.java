package org.shvideo.tasks.log;

import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.util.Optional;
import org.shvideo.tasks.json.Json;

/**
 * What identifies a line of the detection log: a part of a {@link DetectionLine}, which is read in
 * half the time.
 *
 * @param ok whether the clip was analysed
 * @param filename never null
 * @param job the job's id; may be null
 * @param bytes size of the clip's file; null when there was no file
 */
public record LoggedClip(boolean ok, String filename, String job, Long bytes) {
  private static final ObjectReader READER = Json.reader(LoggedClip.class);

  /** Whether a file of that name and size may be the one that this line is about. */
  public boolean matches(long fileBytes) {
    return matches(bytes, fileBytes);
  }

  static boolean matches(Long bytes, long fileBytes) {
    return bytes == null || bytes == fileBytes;
  }

  static Optional<LoggedClip> parse(byte[] text) {
    try {
      return Optional.ofNullable(READER.<LoggedClip>readValue(text))
          .filter(clip -> clip.filename != null);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
