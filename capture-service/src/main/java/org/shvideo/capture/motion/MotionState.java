package org.shvideo.capture.motion;

/**
 * Whether something moves, as known after a packet. Decoders delay frames, so this may describe a
 * frame some packets earlier.
 *
 * @param moving whether there is motion; it ends a settling time after the last moving frame
 * @param sinceMicros {@code ptsMicros} of the packet with the first moving frame of the current
 *     motion, or of the last motion if nothing moves; 0 before the first motion
 */
public record MotionState(boolean moving, long sinceMicros) {}
