/** Pre-roll and clip writers: motion opens and ends a clip. */
package org.shvideo.capture.record;
