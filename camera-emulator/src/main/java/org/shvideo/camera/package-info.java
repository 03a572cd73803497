/**
 * A test camera: what its RTSP and MJPEG servers share, and the faults it can be asked for. It
 * serves films whose every byte is known, so that what a client received can be compared with it.
 */
package org.shvideo.camera;
