package org.shvideo.capture.stream;

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

  /** Index of the header with the picture's size (T.81, B.2.2: FF C0 to FF C2); 0 without one. */
  static int frameHeader(AVPacket packet) {
    int at = marker(packet.data(), packet.size(), 0xc0, 0xc2);
    return at + FRAME_HEADER_BYTES <= packet.size() ? at : 0;
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
}
