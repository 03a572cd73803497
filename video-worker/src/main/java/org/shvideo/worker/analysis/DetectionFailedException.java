package org.shvideo.worker.analysis;

/** The model or its engine failed on a frame; it may work another time. */
final class DetectionFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DetectionFailedException(Throwable cause) {
    super(cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
  }
}
