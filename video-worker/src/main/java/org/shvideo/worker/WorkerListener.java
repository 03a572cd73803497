package org.shvideo.worker;

import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.queue.Delivery;

/** Is told what a worker does, on the worker's thread. */
public interface WorkerListener {
  default void started(Delivery delivery) {}

  /** The job is over, finished or failed; this line stands in the log for it. */
  default void ended(DetectionLine line) {}
}
