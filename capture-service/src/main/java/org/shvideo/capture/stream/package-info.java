/** A camera's stream: opening it, reading its packets with deadlines, and what it is made of. */
package org.shvideo.capture.stream;
