package org.shvideo.tasks.queue;

/**
 * Redis cannot be reached, or answers that it cannot serve now (loading, out of memory, read-only,
 * wrong password). The message says which, at what address, and what to do; it holds no secret.
 * What was asked may be asked again.
 */
public final class QueueUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QueueUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
