package org.shvideo.notebook.view;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import javax.imageio.ImageIO;

/** An encoded picture, with its content as text for where pictures cannot be shown. */
public final class Picture extends View {
  private final Map<String, String> mimeBundle;

  private Picture(BufferedImage image, String format, String text) {
    var file = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, file)) {
        throw new IllegalArgumentException("Cannot encode as " + format + ": " + image);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String base64 = Base64.getEncoder().encodeToString(file.toByteArray());
    mimeBundle = Map.of("image/" + format, base64, "text/plain", text);
  }

  /** For camera images: a tenth of a PNG's size in the saved notebook. */
  public static Picture jpeg(BufferedImage image, String text) {
    return new Picture(image, "jpeg", text);
  }

  /** For charts. */
  public static Picture png(BufferedImage image, String text) {
    return new Picture(image, "png", text);
  }

  @Override
  public Map<String, String> mimeBundle() {
    return mimeBundle;
  }
}
