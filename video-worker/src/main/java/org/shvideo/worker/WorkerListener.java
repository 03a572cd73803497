package org.shvideo.worker;

import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.queue.Delivery;

/** Receives a worker's events, on the worker's thread. */
public interface WorkerListener {
  default void started(Delivery delivery) {}

  /** A job has ended, finished or failed; this is its line in the log. */
  default void ended(DetectionLine line) {}
}
