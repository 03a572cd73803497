package org.shvideo.capture.store;

import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A clip that is not published yet.
 *
 * @param name file name, unique among pending clips, clips and outbox entries
 * @param file the file it is written to
 * @param camera null if unknown
 * @param recordedAt when its first packet was captured; null if unknown
 */
public record PendingClip(String name, Path file, String camera, OffsetDateTime recordedAt) {
  // FFmpeg's names of a file's tags.
  static final String CAMERA = "title";
  static final String RECORDED_AT = "date";
  static final String COMMENT = "comment";
  static final Set<String> TAGS = Set.of(CAMERA, RECORDED_AT);

  /** The tags of the file, from which a clip can be recovered if only the file is left. */
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
