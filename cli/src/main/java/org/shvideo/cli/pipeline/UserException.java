package org.shvideo.cli.pipeline;

/** The user's input cannot be used; the message names the problem and what to do. */
public final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UserException(String message) {
    super(message);
  }

  public UserException(String message, Throwable cause) {
    super(message, cause);
  }
}
