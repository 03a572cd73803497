/** What becomes of a clip's detections: the line of the log and the snapshot beside the clip. */
package org.shvideo.worker.result;
