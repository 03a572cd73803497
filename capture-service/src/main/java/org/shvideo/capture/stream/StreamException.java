package org.shvideo.capture.stream;

/**
 * Why a stream could not be opened, or ended. The message names the stream without secrets, says
 * what happened and what to check.
 */
public final class StreamException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What happened. */
  public enum Kind {
    NO_SUCH_HOST,
    /** The host is up, but nothing listens on the port. */
    REFUSED,
    UNREACHABLE,
    /** No complete response within the timeout. */
    TIMED_OUT,
    /** Wrong user or password; trying again soon may lock the account. */
    UNAUTHORIZED,
    NOT_FOUND,
    /** The camera refused the request for another reason (4xx). */
    REJECTED,
    /** The camera failed (5xx). */
    SERVER_ERROR,
    NOT_VIDEO,
    NO_VIDEO_STREAM,
    UNSUPPORTED_CODEC,
    FILE_MISSING,
    CLOSED,
    /** The connection is open, but no more video arrives. */
    STALLED,
    /** Video arrives, but no keyframe. */
    NO_KEYFRAME,
    /** Picture size or codec parameters changed. */
    CHANGED,
    STOPPED,
    /** Any other error of FFmpeg. */
    BROKEN
  }

  private final Kind kind;

  /**
   * @param sentence what happened and what to check, without the stream's name and without secrets
   */
  StreamException(Kind kind, CameraUrl url, String sentence) {
    super(url.masked() + ": " + sentence);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
