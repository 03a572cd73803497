package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.Optional;
import org.shvideo.ffmpeg.ServerAnswers;

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
    /** The camera has too many viewers, or too much to do (453, 503, 429). */
    BUSY,
    /** The camera failed (5xx). */
    SERVER_ERROR,
    NOT_VIDEO,
    NO_VIDEO_STREAM,
    /** A packet or picture beyond the limits. */
    TOO_LARGE,
    /** The camera names another server, which is not asked. */
    REDIRECTED,
    /** The camera's certificate is not trusted; no password was sent. */
    UNTRUSTED,
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

  /** A wish for a longer wait counts as one for this. */
  private static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(60);

  private final Kind kind;

  /** Null if no server refused anything. */
  private final transient ServerAnswers answers;

  private final String fingerprint;

  /**
   * @param sentence what happened and what to check, without the stream's name and without secrets
   */
  StreamException(Kind kind, CameraUrl url, String sentence) {
    this(kind, url, sentence, null);
  }

  StreamException(Kind kind, CameraUrl url, String sentence, ServerAnswers answers) {
    this(kind, url, sentence, answers, null);
  }

  /**
   * @param fingerprint of a certificate that is not trusted; null for any other reason
   */
  StreamException(
      Kind kind, CameraUrl url, String sentence, ServerAnswers answers, String fingerprint) {
    super(url.masked() + ": " + sentence);
    this.kind = kind;
    this.answers = answers;
    this.fingerprint = fingerprint;
  }

  public Kind kind() {
    return kind;
  }

  /** SHA-256 of a certificate that is not trusted; empty for any other reason. */
  public Optional<String> fingerprint() {
    return Optional.ofNullable(fingerprint);
  }

  /** How long the camera wants to be left alone, up to a minute; empty if it did not say. */
  public Optional<Duration> retryAfter() {
    return answers()
        .flatMap(ServerAnswers::retryAfter)
        .map(wish -> wish.compareTo(MAX_RETRY_AFTER) < 0 ? wish : MAX_RETRY_AFTER);
  }

  /** Of an attempt to open the stream. */
  Optional<ServerAnswers> answers() {
    return Optional.ofNullable(answers);
  }
}
