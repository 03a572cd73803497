package org.shvideo.capture;

import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.stream.CameraUrl;

/**
 * One camera to record.
 *
 * @param name lower-case letters, digits and hyphens: {@code front-door}
 */
public record Camera(String name, CameraUrl url, MotionSettings motion) {}
