package org.shvideo.tasks.job;

/** Where a job stands. */
public enum JobState {
  /** Waits in the queue for a worker. */
  QUEUED,
  /** A worker holds it under a lease. */
  STARTED,
  /** An attempt failed in a way that may pass; the next one waits for its time. */
  RETRYING,
  /** Its line stands in the log. */
  FINISHED,
  /** It can not succeed: the reason is in the log, in its status and in the dead letters. */
  FAILED
}
