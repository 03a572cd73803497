/**
 * An HTTP server of JPEG pictures ({@code multipart/x-mixed-replace}), like those of webcams and
 * phones.
 */
package org.shvideo.camera.mjpeg;
