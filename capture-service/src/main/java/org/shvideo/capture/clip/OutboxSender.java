package org.shvideo.capture.clip;

import java.util.random.RandomGenerator;
import org.shvideo.tasks.queue.JobQueue;

/**
 * Sends the outbox' jobs to the queue, oldest first, in a thread of its own. Redis away: it tries
 * again for ever, and the jobs wait on disk.
 */
public final class OutboxSender implements AutoCloseable {

  /**
   * @param store not closed by this
   * @param queue not closed by this
   */
  public OutboxSender(
      ClipStore store, JobQueue queue, RandomGenerator random, ClipListener listener) {}

  public void start() {}

  /** Tries once more to send what is left, and stops within 2 s. */
  @Override
  public void close() {}
}
