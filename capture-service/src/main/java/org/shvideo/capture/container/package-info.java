/** The files that clips are recorded into: AVI, which has a constant frame rate, and Matroska. */
package org.shvideo.capture.container;
