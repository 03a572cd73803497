/**
 * The detector: where its model comes from, running it, and Ultralytics' letterbox, decoding and
 * non-maximum suppression around it. The only package that knows the inference engine.
 */
package org.shvideo.worker.yolo;
