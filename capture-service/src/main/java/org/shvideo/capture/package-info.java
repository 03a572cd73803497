/**
 * The capture service: its settings, one loop a camera that turns its packets into clips, and the
 * service that runs the loops. The packages below hold the parts: stream, motion, clip.
 */
package org.shvideo.capture;
