package org.shvideo.capture.store;

import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A clip that is not published yet.
 *
 * @param name its file's; no other recording, clip or outbox entry has it
 * @param file where it is being written
 * @param camera null when unknown
 * @param recordedAt when its first packet was captured; null when unknown
 */
public record Recording(String name, Path file, String camera, OffsetDateTime recordedAt) {
  /** FFmpeg's names of what the file tells about itself. */
  static final String CAMERA = "title";

  static final String RECORDED_AT = "date";
  static final String COMMENT = "comment";
  static final Set<String> TAGS = Set.of(CAMERA, RECORDED_AT);

  /** Written into the file, so that it can still be told when only the file is left. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (camera != null) {
      metadata.put(CAMERA, camera);
    }
    if (recordedAt != null) {
      metadata.put(RECORDED_AT, recordedAt.toString());
    }
    return metadata;
  }
}
