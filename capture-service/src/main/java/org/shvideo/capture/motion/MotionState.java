package org.shvideo.capture.motion;

/**
 * Whether something moves, as known after a packet. Decoders hold frames back, so this may tell of
 * a picture some frames before that packet's.
 *
 * @param moving whether motion goes on; it ends a settling time after the last moving frame
 * @param sinceMicros {@code ptsMicros} of the packet that holds the first moving frame of the
 *     current motion, or of the last one when nothing moves; 0 before the first
 */
public record MotionState(boolean moving, long sinceMicros) {}
