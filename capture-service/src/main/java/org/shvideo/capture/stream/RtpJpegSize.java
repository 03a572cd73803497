package org.shvideo.capture.stream;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.javacpp.BytePointer;

/**
 * The size of JPEGs over RTP (RFC 2435), whose headers have one byte for the width and one for the
 * height, in units of 8 pixels: cameras with larger pictures than 2040 pixels send 0 or the rest,
 * and tell the true size in the session description.
 */
record RtpJpegSize(int width, int height) {
  private static final Pattern DIMENSIONS =
      Pattern.compile("(?m)^a=x-dimensions: *(\\d{1,5}) *, *(\\d{1,5})");
  private static final Pattern FRAME_SIZE =
      Pattern.compile("(?m)^a=framesize: *\\d+ +(\\d{1,5})[-x ](\\d{1,5})");

  private static final int UNIT = 8;
  private static final int MAX_UNITS = 256;
  private static final int MAX_SIDE = 65_535;

  /** The size that a session description names; null if it names none. */
  static RtpJpegSize in(String description) {
    for (Pattern pattern : new Pattern[] {DIMENSIONS, FRAME_SIZE}) {
      Matcher matcher = pattern.matcher(description);
      if (matcher.find()) {
        int width = Integer.parseInt(matcher.group(1));
        int height = Integer.parseInt(matcher.group(2));
        if (width > 0 && width <= MAX_SIDE && height > 0 && height <= MAX_SIDE) {
          return new RtpJpegSize(width, height);
        }
      }
    }
    return null;
  }

  /** Whether a JPEG's header has no size. */
  static boolean isMissing(AVPacket jpeg) {
    int at = JpegPacket.frameHeader(jpeg);
    return at > 0 && (unsigned16(jpeg.data(), at + 5) == 0 || unsigned16(jpeg.data(), at + 7) == 0);
  }

  /** Writes this size into a JPEG's header, unless that has another one than the rest of this. */
  void restore(AVPacket jpeg) {
    int at = JpegPacket.frameHeader(jpeg);
    if (at > 0 && isSentAs(unsigned16(jpeg.data(), at + 7), unsigned16(jpeg.data(), at + 5))) {
      put16(jpeg.data(), at + 5, height);
      put16(jpeg.data(), at + 7, width);
    }
  }

  /** Whether headers with these numbers may mean this size. */
  boolean isSentAs(int sentWidth, int sentHeight) {
    return isRest(sentWidth, width) && isRest(sentHeight, height);
  }

  private static boolean isRest(int sent, int side) {
    int units = (side + UNIT - 1) / UNIT;
    return sent == 0 || sent == side || sent / UNIT == units % MAX_UNITS;
  }

  private static int unsigned16(BytePointer data, int at) {
    return (data.get(at) & 0xff) << 8 | (data.get(at + 1) & 0xff);
  }

  private static void put16(BytePointer data, int at, int value) {
    data.put(at, (byte) (value >> 8)).put(at + 1, (byte) value);
  }
}
