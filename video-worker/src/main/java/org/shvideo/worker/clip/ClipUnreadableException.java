package org.shvideo.worker.clip;

/**
 * A file that holds no clip that could be read; trying again will not help. The message names the
 * file, says what is wrong, and stands in the log as it is.
 */
public final class ClipUnreadableException extends Exception {
  private static final long serialVersionUID = 1L;

  ClipUnreadableException(String message) {
    super(message);
  }
}
