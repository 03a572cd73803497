/** Encoded video in memory, to be served in a loop. */
package org.shvideo.camera.media;
