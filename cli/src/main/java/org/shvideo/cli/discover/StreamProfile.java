package org.shvideo.cli.discover;

import java.util.Locale;
import org.shvideo.capture.connection.Endpoint;

/**
 * One of the streams that a camera offers.
 *
 * @param token by which the camera knows it
 * @param source what it shows: a recorder has one for each of its cameras
 * @param codec as a user knows it: {@code H.264}
 * @param framesPerSecond at most; 0 if the camera does not tell
 * @param kilobitsPerSecond at most; 0 if the camera does not tell
 * @param stream null until asked for
 */
record StreamProfile(
    String token,
    String name,
    String source,
    String codec,
    int width,
    int height,
    double framesPerSecond,
    int kilobitsPerSecond,
    Endpoint stream) {

  /** Of a profile of either media service; null if it has no video. */
  static StreamProfile of(Xml profile) {
    Xml encoder =
        profile
            .all("VideoEncoderConfiguration")
            .findFirst()
            .or(() -> profile.all("VideoEncoder").findFirst())
            .orElse(null);
    String token = profile.attributes().getOrDefault("token", "");
    if (encoder == null || token.isEmpty()) {
      return null;
    }
    String codec = encoder.text("Encoding").toUpperCase(Locale.ROOT).replaceFirst("^H26", "H.26");
    return new StreamProfile(
        token,
        FoundDevice.clean(profile.text("Name")),
        profile.text("SourceToken"),
        FoundDevice.clean(codec.replaceFirst("^HEVC$", "H.265")),
        (int) number(encoder.text("Resolution", "Width")),
        (int) number(encoder.text("Resolution", "Height")),
        number(encoder.text("RateControl", "FrameRateLimit")),
        (int) number(encoder.text("RateControl", "BitrateLimit")),
        null);
  }

  private static double number(String text) {
    return text.matches("\\d{1,9}(\\.\\d{1,9})?") ? Double.parseDouble(text) : 0;
  }

  StreamProfile at(Endpoint address) {
    return new StreamProfile(
        token, name, source, codec, width, height, framesPerSecond, kilobitsPerSecond, address);
  }

  long pixels() {
    return (long) width * height;
  }

  boolean isJpeg() {
    return codec.endsWith("JPEG");
  }

  @Override
  public String toString() {
    String rate = String.format(Locale.ROOT, ", %.1f frames/s", framesPerSecond);
    return codec
        + (", " + width + " × " + height)
        + (framesPerSecond == 0 ? "" : rate.replace(".0", ""))
        + (kilobitsPerSecond == 0 ? "" : ", " + kilobitsPerSecond + " kbit/s");
  }
}
