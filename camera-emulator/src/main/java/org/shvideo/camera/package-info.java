/**
 * A test camera: the common parts of its RTSP and MJPEG servers, and the faults that can be
 * injected. Every byte of the video is known, so a test can compare it with what a client received.
 */
package org.shvideo.camera;
