package org.shvideo.capture.stream;

/**
 * Why a stream could not be opened or ended. The message is one sentence that names the stream,
 * masked, says what happened and what to look at; it holds no secret.
 */
public final class StreamException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What happened. */
  public enum Kind {
    /** The name has no address. */
    NO_SUCH_HOST,
    /** The host is there, nothing listens at the port. */
    REFUSED,
    /** No way to the host. */
    UNREACHABLE,
    /** No answer, or not all of it, within the timeout. */
    TIMED_OUT,
    /** Wrong user or password; asking again soon may lock the account. */
    UNAUTHORIZED,
    /** The path is wrong. */
    NOT_FOUND,
    /** The camera refused the request for another reason (4xx). */
    REJECTED,
    /** The camera failed (5xx). */
    SERVER_ERROR,
    /** What came is not a video that FFmpeg knows. */
    NOT_VIDEO,
    /** There is sound or data, but no video. */
    NO_VIDEO_STREAM,
    /** The video cannot be decoded here. */
    UNSUPPORTED_CODEC,
    /** The file is not there or not readable. */
    FILE_MISSING,
    /** The camera closed the connection. */
    CLOSED,
    /** The connection stands, but no more video comes. */
    STALLED,
    /** Video comes, but no picture that decoding can begin at. */
    NO_KEYFRAME,
    /** Picture size or codec parameters changed: what follows is another stream. */
    CHANGED,
    /** The service stops. */
    STOPPED,
    /** FFmpeg reports something else. */
    BROKEN
  }

  private final Kind kind;

  /**
   * @param sentence what happened, without the stream's name and without secrets
   */
  StreamException(Kind kind, CameraUrl url, String sentence) {
    super(url.masked() + ": " + sentence);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
