/**
 * The detection log: one JSON line per analysed clip in {@code detections_log.jsonl}, appended by
 * any number of workers, one line per job id, and rotated into segments beside it.
 */
package org.shvideo.tasks.log;
