package org.shvideo.tasks.video;

/** A name that does not name a clip of the video folder; the message says why, for the log. */
public final class ClipNameException extends Exception {
  private static final long serialVersionUID = 1L;

  public ClipNameException(String message) {
    super(message);
  }
}
