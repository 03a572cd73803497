package org.shvideo.capture;

import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamSettings;

/**
 * One camera to record.
 *
 * @param name lower-case letters, digits and hyphens: {@code front-door}
 */
public record Camera(
    String name, CameraUrl url, StreamSettings stream, MotionSettings motion, ClipSettings clip) {}
