package org.shvideo.tasks.queue;

/**
 * Redis cannot be reached, or cannot serve now (loading, out of memory, read-only, wrong password).
 * The message says which, at what address, and what to do; it contains no secret. The call may be
 * repeated.
 */
public final class QueueUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QueueUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
