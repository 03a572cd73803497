package org.shvideo.cli.pipeline;

/** Something the user gave cannot be used; the message says what, where, and what to do. */
public final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UserException(String message) {
    super(message);
  }

  public UserException(String message, Throwable cause) {
    super(message, cause);
  }
}
