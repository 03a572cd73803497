package org.shvideo.notebook;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * A picture, encoded. JPEG for what a camera saw, a tenth of a PNG's size in the saved notebook.
 *
 * @param type {@code image/png} or {@code image/jpeg}
 * @param base64 the encoded file
 * @param text what is in it, for who cannot see it
 */
public record Picture(String type, String base64, String text) implements View {

  static Picture jpeg(BufferedImage image, String text) {
    return encoded(image, "jpeg", text);
  }

  static Picture png(BufferedImage image, String text) {
    return encoded(image, "png", text);
  }

  private static Picture encoded(BufferedImage image, String format, String text) {
    var file = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, file)) {
        throw new IllegalArgumentException("no picture that a " + format + " can hold: " + image);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Picture(
        "image/" + format, Base64.getEncoder().encodeToString(file.toByteArray()), text);
  }

  @Override
  public Map<String, String> forms() {
    return Map.of(type, base64, "text/plain", text);
  }

  @Override
  public String toString() {
    return text;
  }
}
