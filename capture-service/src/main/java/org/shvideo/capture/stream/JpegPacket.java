package org.shvideo.capture.stream;

import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.ffmpeg.Packets;

/** Looks for markers of the JPEG in a packet (ITU-T T.81, annex B), above all its end (FF D9). */
final class JpegPacket {
  private static final int START_OF_SCAN = 0xda;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int FRAME_HEADER_BYTES = 10;

  private JpegPacket() {}

  /** Whether nothing but line ends and padding follows the end marker. */
  static boolean endsWithMarker(AVPacket packet) {
    int end = end(packet);
    for (int i = end; i < packet.size(); i++) {
      int c = packet.data().get(i);
      if (c != '\r' && c != '\n' && c != 0) {
        return false;
      }
    }
    return end > 0;
  }

  /** Cuts off what follows the end marker, such as headers of parts; false if there is none. */
  static boolean trimToMarker(AVPacket packet) {
    int end = end(packet);
    if (end > 0 && end < packet.size()) {
      Packets.shrink(packet, end);
    }
    return end > 0;
  }

  /** Index after the last end marker; 0 without one. One of a thumbnail in the header is none. */
  private static int end(AVPacket packet) {
    BytePointer data = packet.data();
    for (int i = packet.size(); i >= 2; i--) {
      if (unsigned8(data, i - 1) == END_OF_IMAGE && unsigned8(data, i - 2) == 0xff) {
        return i > startOfScan(data, packet.size()) ? i : 0;
      }
    }
    return 0;
  }

  /** Whether a JPEG has more scans than so many. */
  static boolean hasMoreScans(AVPacket packet, int max) {
    ByteBuffer data = packet.data().capacity(packet.size()).asByteBuffer();
    int scans = 0;
    for (int i = 1; i < data.limit(); i++) {
      if (data.get(i) == (byte) START_OF_SCAN && data.get(i - 1) == (byte) 0xff) {
        scans++;
      }
    }
    return scans > max;
  }

  /** Index of the header with the picture's size (T.81, B.2.2: FF C0 to FF C2); 0 without one. */
  static int frameHeader(AVPacket packet) {
    int at = marker(packet.data(), packet.size(), 0xc0, 0xc2);
    return at + FRAME_HEADER_BYTES <= packet.size() ? at : 0;
  }

  /** In pixels, as the header says; 0 without one. */
  static int width(AVPacket packet) {
    int at = frameHeader(packet);
    return at == 0 ? 0 : unsigned16(packet.data(), at + 7);
  }

  /** As the width. */
  static int height(AVPacket packet) {
    int at = frameHeader(packet);
    return at == 0 ? 0 : unsigned16(packet.data(), at + 5);
  }

  private static int startOfScan(BytePointer data, int size) {
    return marker(data, size, START_OF_SCAN, START_OF_SCAN);
  }

  /** Index of the first marker from one to another; the size if there is none before the scan. */
  private static int marker(BytePointer data, int size, int from, int to) {
    int at = 2;
    while (at + 4 <= size && unsigned8(data, at) == 0xff) {
      int marker = unsigned8(data, at + 1);
      if (marker >= from && marker <= to) {
        return at;
      }
      if (marker == START_OF_SCAN) {
        return size;
      }
      boolean fill = marker == 0xff;
      at += fill ? 1 : 2 + (unsigned8(data, at + 2) << 8 | unsigned8(data, at + 3));
    }
    return size;
  }

  private static int unsigned8(BytePointer data, int at) {
    return data.get(at) & 0xff;
  }

  private static int unsigned16(BytePointer data, int at) {
    return (data.get(at) & 0xff) << 8 | (data.get(at + 1) & 0xff);
  }

  /**
   * The size of JPEGs over RTP (RFC 2435), whose headers have one byte for the width and one for
   * the height, in units of 8 pixels: cameras with larger pictures than 2040 pixels send 0 or the
   * rest, and tell the true size in the session description.
   */
  record RtpSize(int width, int height) {
    private static final Pattern DIMENSIONS =
        Pattern.compile("(?m)^a=x-dimensions: *(\\d{1,5}) *, *(\\d{1,5})");
    private static final Pattern FRAME_SIZE =
        Pattern.compile("(?m)^a=framesize: *\\d+ +(\\d{1,5})[-x ](\\d{1,5})");

    private static final int UNIT = 8;
    private static final int MAX_UNITS = 256;
    private static final int MAX_SIDE = 65_535;

    /** The size that a session description names; null if it names none. */
    static RtpSize in(String description) {
      for (Pattern pattern : new Pattern[] {DIMENSIONS, FRAME_SIZE}) {
        Matcher matcher = pattern.matcher(description);
        if (matcher.find()) {
          int width = Integer.parseInt(matcher.group(1));
          int height = Integer.parseInt(matcher.group(2));
          if (width > 0 && width <= MAX_SIDE && height > 0 && height <= MAX_SIDE) {
            return new RtpSize(width, height);
          }
        }
      }
      return null;
    }

    /** Whether a JPEG's header has no size. */
    static boolean isMissing(AVPacket jpeg) {
      int at = frameHeader(jpeg);
      return at > 0
          && (unsigned16(jpeg.data(), at + 5) == 0 || unsigned16(jpeg.data(), at + 7) == 0);
    }

    /** Writes this size into a JPEG's header, unless that has another one than the rest of this. */
    void restore(AVPacket jpeg) {
      int at = frameHeader(jpeg);
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

    private static void put16(BytePointer data, int at, int value) {
      data.put(at, (byte) (value >> 8)).put(at + 1, (byte) value);
    }
  }
}
