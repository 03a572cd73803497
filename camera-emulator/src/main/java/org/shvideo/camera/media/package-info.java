/** Encoded video in memory, ready to be served in a loop. */
package org.shvideo.camera.media;
