package org.shvideo.worker.yolo;

/** One object in a frame: confidence from 0 to 1, the box in pixels and inside the frame. */
public record Detection(String label, float confidence, Box box) {}
