/**
 * An HTTP server of JPEG pictures in endless replacement ({@code multipart/x-mixed-replace}), as
 * webcams and phones serve them.
 */
package org.shvideo.camera.mjpeg;
