/** Connections to cameras that FFmpeg does not make by itself: HTTP, and all that is encrypted. */
package org.shvideo.capture.connection;
