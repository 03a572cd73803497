package org.shvideo.cli;

/** Something the user gave cannot be used; the message says what, where, and what to do. */
final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserException(String message) {
    super(message);
  }

  UserException(String message, Throwable cause) {
    super(message, cause);
  }
}
