package org.shvideo.worker.yolo;

/** No model could be had, or what was found is none; the message says what to do. */
public final class ModelUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  ModelUnavailableException(String message) {
    super(message);
  }

  ModelUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
