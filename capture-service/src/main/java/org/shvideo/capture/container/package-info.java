/** AVI files: writing packets at their times, with a constant frame rate. */
package org.shvideo.capture.container;
