package org.shvideo.worker.yolo;

/**
 * One object the model found in a frame.
 *
 * @param label the class's name
 * @param confidence 0 to 1
 * @param box in pixels of the frame, inside it
 */
public record Detection(String label, float confidence, Box box) {}
