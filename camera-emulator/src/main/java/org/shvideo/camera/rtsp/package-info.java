/**
 * An RTSP 1.0 server (RFC 2326) for H.264 over RTP (RFC 3550, RFC 6184). Every client has one
 * thread for its requests and one for its video; nothing is queued between them.
 */
package org.shvideo.camera.rtsp;
