package org.shvideo.tasks.queue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobStatus;

/**
 * The queue. Every method throws {@link QueueUnavailableException} when Redis cannot serve it;
 * nothing is lost by that and the call may be repeated. Thread-safe.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class JobQueue implements AutoCloseable {

  /** Opens no connection yet: Redis may come later. */
  public JobQueue(QueueSettings settings) {
    throw new UnsupportedOperationException();
  }

  /**
   * Returns when Redis answered; the way to tell a wrong address or password from an empty queue.
   */
  public void ping() {
    throw new UnsupportedOperationException();
  }

  /**
   * Adds the job unless its id is already known.
   *
   * @return whether it was added now
   */
  public boolean enqueue(Job job) {
    throw new UnsupportedOperationException();
  }

  /**
   * Takes a job under a lease: one whose lease ran out first, then one whose retry is due, then the
   * oldest waiting. A job that was taken {@code maxAttempts} times already is returned too, with an
   * attempt above that number, so that the caller can log and {@link #fail} it.
   *
   * @param consumer the worker's name, unique among all workers
   * @param wait how long to wait for one
   */
  public Optional<Delivery> take(String consumer, Duration wait) {
    throw new UnsupportedOperationException();
  }

  /**
   * Renews the lease and tells how far the work is.
   *
   * @param progress 0 to 1
   * @return false when the lease was lost: the work should be dropped, another has it
   */
  public boolean renew(Delivery delivery, double progress) {
    throw new UnsupportedOperationException();
  }

  /**
   * Settles the delivery as finished.
   *
   * @param result the log's line as JSON
   * @return false when the lease was lost and nothing changed
   */
  public boolean finish(Delivery delivery, String result) {
    throw new UnsupportedOperationException();
  }

  /**
   * Settles the delivery as failed for good: the job goes to the dead letters.
   *
   * @param result the log's line as JSON
   * @return false when the lease was lost and nothing changed
   */
  public boolean fail(Delivery delivery, String error, String result) {
    throw new UnsupportedOperationException();
  }

  /**
   * Settles the delivery as failed for now: the job comes back after the delay.
   *
   * @return false when the lease was lost and nothing changed
   */
  public boolean retry(Delivery delivery, String error, Duration delay) {
    throw new UnsupportedOperationException();
  }

  /** Empty when the id is unknown or its status has expired. */
  public Optional<JobStatus> status(String jobId) {
    throw new UnsupportedOperationException();
  }

  public QueueDepth depth() {
    throw new UnsupportedOperationException();
  }

  /** Jobs not yet ended, oldest first: waiting, started and retrying. */
  public List<JobStatus> open(int most) {
    throw new UnsupportedOperationException();
  }

  /** The latest dead letters, newest first. */
  public List<DeadLetter> dead(int most) {
    throw new UnsupportedOperationException();
  }

  /** Removes the consumer's name if it holds nothing; for a worker that leaves. */
  public void leave(String consumer) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
