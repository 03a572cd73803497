package org.shvideo.capture.stream;

/**
 * Why a stream could not be opened, or ended. The message names the stream without secrets, says
 * what happened and what to check.
 */
public final class StreamException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What happened. */
  public enum Kind {
    /** The host name cannot be resolved. */
    NO_SUCH_HOST,
    /** The host is up, but nothing listens on the port. */
    REFUSED,
    /** There is no route to the host. */
    UNREACHABLE,
    /** No complete response within the timeout. */
    TIMED_OUT,
    /** Wrong user or password; trying again soon may lock the account. */
    UNAUTHORIZED,
    /** The path is wrong. */
    NOT_FOUND,
    /** The camera refused the request for another reason (4xx). */
    REJECTED,
    /** The camera failed (5xx). */
    SERVER_ERROR,
    /** Not a video that FFmpeg can read. */
    NOT_VIDEO,
    /** There is audio or data, but no video. */
    NO_VIDEO_STREAM,
    /** The video cannot be decoded here. */
    UNSUPPORTED_CODEC,
    /** The file does not exist or is not readable. */
    FILE_MISSING,
    /** The camera closed the connection. */
    CLOSED,
    /** The connection is open, but no more video arrives. */
    STALLED,
    /** Video arrives, but no keyframe. */
    NO_KEYFRAME,
    /** Picture size or codec parameters changed. */
    CHANGED,
    /** The service is stopping. */
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
