/** Limits on size, age and free space, kept by deleting the oldest analysed clips. */
package org.shvideo.capture.retention;
