package org.shvideo.capture.stream;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import org.shvideo.tasks.settings.Masking;

/**
 * Whatever a user takes for an address: it is one, or is refused with a reason that does not repeat
 * it; and nothing that is shown has the password in it.
 */
public final class CameraUrlFuzz {
  private static final String SECRET = "hunter2geheim";
  private static final String[] SCHEMES = {"rtsp", "rtsps", "http", "https", "RTSP", "ftp", "file"};

  private CameraUrlFuzz() {}

  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    boolean free = data.consumeBoolean();
    if (free) {
      CameraUrl url = parse(other(data.consumeRemainingAsString()));
      if (url != null && !url.isFile()) {
        require(url.address().equals(parse(url.address()).address()), "an address, read again");
      }
      return;
    }
    String scheme = data.pickValue(SCHEMES);
    String user = other(data.consumeString(12));
    String before = other(data.consumeString(12));
    String after = other(data.consumeString(12));
    String path = other(data.consumeRemainingAsString());
    if ((user + before + after).matches("(?s).*@.*")
        && (user + before + after).matches("(?s).*[/?#].*")) {
      return; // ambiguous, as the documentation says
    }
    String text =
        scheme + "://" + user + ":" + before + SECRET + after + "@camera.example:554/" + path;
    CameraUrl url = parse(text);
    if (url != null && !url.isFile()) {
      require(!url.masked().contains(SECRET), "the password in " + url.masked());
      require(!url.toString().contains(SECRET), "the password in " + url);
      require(!url.pathOnHost().contains(SECRET), "the password in " + url.pathOnHost());
      require(!url.host().contains(SECRET), "the password in " + url.host());
      // For other texts, what follows a second :// is another URL.
      require(
          (user + before + after).contains("://") || !Masking.mask(url.address()).contains(SECRET),
          "the password in " + url.address());
    }
  }

  /** The fuzzer finds the password out and puts it where it is none. */
  private static String other(String text) {
    return text.replaceAll("(?i)hunter", "");
  }

  private static CameraUrl parse(String text) {
    try {
      return CameraUrl.parse(text);
    } catch (IllegalArgumentException e) {
      require(!e.getMessage().contains(SECRET), "the password in " + e.getMessage());
      return null;
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
