package org.shvideo.ffmpeg;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.global.avutil;

/** A call to FFmpeg failed. The message is a sentence: "cannot write clip.avi: disk full". */
public final class FFmpegException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_REASON_BYTES = 256;

  private final int code;
  private final String reason;

  private FFmpegException(int code, String reason, String action) {
    super("cannot " + action + ": " + reason);
    this.code = code;
    this.reason = reason;
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

  /**
   * Describes an error.
   *
   * @param code FFmpeg's, negative
   * @param action as in {@link #check}
   */
  public static FFmpegException of(int code, String action) {
    byte[] text = new byte[MAX_REASON_BYTES];
    avutil.av_strerror(code, text, text.length);
    return new FFmpegException(code, text(text), action);
  }

  /** A C string as Java's. */
  static String text(byte[] zeroTerminated) {
    int end = 0;
    while (end < zeroTerminated.length && zeroTerminated[end] != 0) {
      end++;
    }
    return new String(zeroTerminated, 0, end, StandardCharsets.UTF_8);
  }

  /** FFmpeg's error code: a negated {@code errno} or one of {@code AVERROR_…}. */
  public int code() {
    return code;
  }

  /** FFmpeg's own words for the code, such as "Connection refused". */
  public String reason() {
    return reason;
  }

  /** Whether memory ran out: nothing is known about the file or stream then. */
  public boolean isOutOfMemory() {
    return code == avutil.AVERROR_ENOMEM();
  }
}
