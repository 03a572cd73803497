package org.shvideo.ffmpeg;

import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EINVAL;
import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EIO;
import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_ENOMEM;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.global.avutil;

/** A call to FFmpeg failed. The message is a sentence: "cannot write clip.avi: disk full". */
public final class FFmpegException extends IOException {
  /** The failures that callers distinguish. */
  public enum Problem {
    /** The end of the file, or the other side closed the connection. */
    END(avutil.AVERROR_EOF()),
    /** The content is not what the container or protocol prescribes. */
    INVALID_DATA(avutil.AVERROR_INVALIDDATA()),
    /** What a container or codec does not allow. */
    INVALID_ARGUMENT(AVERROR_EINVAL()),
    /** An I/O error that the system does not explain. */
    IO(AVERROR_EIO()),
    /** Nothing is known about the file or stream. */
    OUT_OF_MEMORY(AVERROR_ENOMEM()),
    /** A file that is no video; {@link #reason} says what it is: "a playlist (concat)". */
    NO_VIDEO(1),
    /** A packet beyond the limit that was set. */
    TOO_LARGE(2),
    /** Status 400 of HTTP or RTSP, as all that follow. */
    BAD_REQUEST(avutil.AVERROR_HTTP_BAD_REQUEST()),
    UNAUTHORIZED(avutil.AVERROR_HTTP_UNAUTHORIZED()),
    FORBIDDEN(avutil.AVERROR_HTTP_FORBIDDEN()),
    NOT_FOUND(avutil.AVERROR_HTTP_NOT_FOUND()),
    TOO_MANY_REQUESTS(avutil.AVERROR_HTTP_TOO_MANY_REQUESTS()),
    /** Any other from 400 to 499. */
    OTHER_4XX(avutil.AVERROR_HTTP_OTHER_4XX()),
    /** 500 to 599. */
    SERVER_ERROR(avutil.AVERROR_HTTP_SERVER_ERROR()),
    /** Anything else, which {@link #reason} describes. */
    OTHER(0);

    private final int code;

    Problem(int code) {
      this.code = code;
    }
  }

  private static final long serialVersionUID = 1L;
  private static final int MAX_REASON_BYTES = 256;

  private final Problem problem;
  private final String reason;
  private final transient ServerAnswers answers;

  FFmpegException(Problem problem, String reason, String action) {
    this(problem, reason, action, new ServerAnswers());
  }

  private FFmpegException(Problem problem, String reason, String action, ServerAnswers answers) {
    super("cannot " + action + ": " + reason);
    this.problem = problem;
    this.reason = reason;
    this.answers = answers;
  }

  /**
   * Returns the result of a call, unless it is an error.
   *
   * @param action what was attempted, to follow "cannot": "write clip.avi"
   * @throws FFmpegException when the result is negative
   */
  public static int check(int result, String action) throws FFmpegException {
    if (result < 0) {
      throw of(result, action);
    }
    return result;
  }

  /** Describes an error by FFmpeg's code; the action is as in {@link #check}. */
  public static FFmpegException of(int code, String action) {
    return of(code, action, new ServerAnswers());
  }

  static FFmpegException of(int code, String action, ServerAnswers answers) {
    byte[] text = new byte[MAX_REASON_BYTES];
    avutil.av_strerror(code, text, text.length);
    Problem problem =
        Stream.of(Problem.values())
            .filter(each -> each.code == code)
            .findFirst()
            .orElse(Problem.OTHER);
    return new FFmpegException(problem, text(text), action, answers);
  }

  /** A C string as Java's. */
  static String text(byte[] zeroTerminated) {
    return new String(zeroTerminated, StandardCharsets.UTF_8).split("\0", 2)[0];
  }

  public Problem problem() {
    return problem;
  }

  /** Whether the content is at fault, and not the disk, the memory or the network. */
  public boolean isOfContent() {
    return problem == Problem.INVALID_DATA || problem == Problem.INVALID_ARGUMENT;
  }

  /** What the server answered, if a URL could not be opened; says nothing otherwise. */
  public ServerAnswers answers() {
    return answers;
  }

  /** FFmpeg's own words for the code, such as "Connection refused". */
  public String reason() {
    return reason;
  }
}
