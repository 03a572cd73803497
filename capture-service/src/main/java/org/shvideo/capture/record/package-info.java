/** Recording of clips: the pre-roll, the writers, and when a clip starts and ends. */
package org.shvideo.capture.record;
