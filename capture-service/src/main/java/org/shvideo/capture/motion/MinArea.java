package org.shvideo.capture.motion;

/**
 * The size of the smallest region that counts as motion: a share of whatever picture it is looked
 * for in, or a number of pixels.
 *
 * @param amount a share from 0 to 1, or square pixels
 */
public record MinArea(double amount, boolean isShare) {
  private static final int MAX_PIXELS = 100_000_000;

  /**
   * Reads {@code 0.24%} or {@code 5000}.
   *
   * @throws IllegalArgumentException says what is expected
   */
  static MinArea parse(String text) {
    try {
      boolean isShare = text.endsWith("%");
      double amount =
          isShare
              ? Double.parseDouble(text.substring(0, text.length() - 1).strip()) / 100
              : Integer.parseInt(text);
      if (isShare ? amount > 0 && amount <= 1 : amount >= 1 && amount <= MAX_PIXELS) {
        return new MinArea(amount, isShare);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "a share of the picture, such as 0.24%, or a whole number of pixels from 1 to "
            + MAX_PIXELS);
  }

  /** In square pixels, at least one, of a picture of this size. */
  int pixels(int width, int height) {
    double pixels = isShare ? amount * width * height : amount;
    return (int) Math.max(1, Math.round(pixels));
  }

  /** The same for a picture of that many times as many pixels, which shows the same. */
  MinArea scaled(double pixels) {
    return isShare ? this : new MinArea(amount * pixels, false);
  }
}
