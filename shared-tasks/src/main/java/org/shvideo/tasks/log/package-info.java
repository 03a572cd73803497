/**
 * The detection log: one JSON line per analysed clip in {@code detections_log.jsonl}, appended by
 * any number of workers, one line per job id, rotated to segments beside it; and the deletion log.
 */
package org.shvideo.tasks.log;
