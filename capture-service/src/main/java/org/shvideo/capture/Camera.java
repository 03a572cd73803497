package org.shvideo.capture;

import java.util.Optional;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamSettings;

/**
 * One camera to record.
 *
 * @param name lower-case letters, digits and hyphens: {@code front-door}
 * @param url of the stream that is recorded
 * @param detectUrl of the stream in which motion is detected; empty for the one that is recorded
 */
public record Camera(
    String name,
    CameraUrl url,
    Optional<CameraUrl> detectUrl,
    StreamSettings stream,
    MotionSettings motion,
    ClipSettings clip) {

  /** Whether a stream of it is encrypted, so that a certificate matters. */
  boolean isEncrypted() {
    return url.isEncrypted() || detectUrl.filter(CameraUrl::isEncrypted).isPresent();
  }
}
