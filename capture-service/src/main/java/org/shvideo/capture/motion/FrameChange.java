package org.shvideo.capture.motion;

/**
 * How one frame differs from the background.
 *
 * @param ptsMicros presentation time of the frame, in the stream's time
 * @param largestArea of the moving regions, in square pixels of the stream; 0 if nothing moves
 * @param changedShare how much of the unmasked picture differs from the background, 0 to 1
 */
record FrameChange(long ptsMicros, double largestArea, double changedShare) {}
