/** A camera's stream: opening it, reading its packets with timeouts, and its properties. */
package org.shvideo.capture.stream;
