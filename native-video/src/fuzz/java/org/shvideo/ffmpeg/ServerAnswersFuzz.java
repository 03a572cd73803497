package org.shvideo.ffmpeg;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;

/** Whatever FFmpeg logs of an answer: what is kept of it is short, printable and plausible. */
public final class ServerAnswersFuzz {
  private static final String[] BEGINNINGS = {
    "",
    "method DESCRIBE failed: 4",
    "HTTP error 5",
    "Will reconnect at 0 in ",
    "Retry-After: ",
    "[http @ 0x1] Retry-After: Sun, 06 Nov 1994 08:49:37 GMT",
    "SDP:"
  };

  private ServerAnswersFuzz() {}

  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    ServerAnswers answers = new ServerAnswers();
    while (data.remainingBytes() > 0) {
      answers.accept(data.pickValue(BEGINNINGS) + data.consumeString(100));
      require(answers.status() >= 0 && answers.status() <= 999, "the status");
      require(answers.statusLine().length() <= 64, "the length of the status line");
      require(
          answers.statusLine().chars().allMatch(c -> c >= ' ' && c <= '~'),
          "a printable status line");
      require(answers.method().matches("[A-Z_]*"), "the method");
      answers
          .retryAfter()
          .ifPresent(wish -> require(!wish.isNegative() && !wish.isZero(), "when to try again"));
      require(answers.description().length() <= 110, "the description");
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
