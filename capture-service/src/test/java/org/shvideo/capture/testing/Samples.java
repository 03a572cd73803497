package org.shvideo.capture.testing;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** The videos that lie beside the tests. */
public final class Samples {
  private Samples() {}

  public static Path file(String name) {
    URL url = Objects.requireNonNull(Samples.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
