/** Limits on size, age and free space: deletes the oldest analysed clips. */
package org.shvideo.capture.retention;
