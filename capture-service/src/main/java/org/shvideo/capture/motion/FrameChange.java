package org.shvideo.capture.motion;

/**
 * What a look at one frame found.
 *
 * @param ptsMicros when the frame was taken, on the stream's line
 * @param largestArea of the regions that differ from the reference and are alive, in square pixels
 *     of the stream; 0 when there is none
 * @param changedShare of the part of the picture that is looked at, how much differs from the
 *     reference, 0 to 1
 */
record FrameChange(long ptsMicros, double largestArea, double changedShare) {}
