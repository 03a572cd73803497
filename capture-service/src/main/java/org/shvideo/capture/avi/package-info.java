/** AVI files: writing packets at their times on a constant frame rate. */
package org.shvideo.capture.avi;
