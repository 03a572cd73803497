/**
 * Clips: the pre-roll kept from before the motion, writing packets into AVI files, publishing them
 * so that none is lost, and the outbox from which their jobs go to the queue.
 */
package org.shvideo.capture.clip;
