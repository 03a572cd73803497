package org.shvideo.capture.store;

import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** FFmpeg could not do something; the message says what and why. */
public final class FFmpegException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_MESSAGE = 128;

  private FFmpegException(String message) {
    super(message);
  }

  /**
   * Passes the result of a call on, unless it is an error.
   *
   * @param what was tried: "write the clip"
   */
  public static int check(int result, String what) throws FFmpegException {
    if (result < 0) {
      throw of(result, what);
    }
    return result;
  }

  static FFmpegException of(int error, String what) {
    byte[] text = new byte[LONGEST_MESSAGE];
    av_strerror(error, text, text.length);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new FFmpegException(
        "cannot " + what + ": " + new String(text, 0, end, StandardCharsets.UTF_8));
  }
}
