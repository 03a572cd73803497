package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.shvideo.capture.container.Container;

/** What a video file says about its own end. */
final class FileStructure {
  // The first bytes of AVI (RIFF) and Matroska (EBML) files.
  private static final int RIFF = 0x52494646;
  private static final int EBML = 0x1A45DFA3;

  // The types of boxes: ISO/IEC 14496-12 (MP4), and what QuickTime begins files with.
  private static final int FTYP = 0x66747970;
  private static final int MOOV = 0x6D6F6F76;
  private static final int MDAT = 0x6D646174;
  private static final int WIDE = 0x77696465;
  private static final int FREE = 0x66726565;
  private static final int SKIP = 0x736B6970;

  private static final int HEAD_BYTES = 16;
  private static final int CHUNK_HEAD_BYTES = 8;

  /** That are looked at; a recording of a day in fragments of a second has fewer. */
  private static final int MAX_PARTS = 200_000;

  private FileStructure() {}

  /**
   * Whether the file ends where its own sizes say, and has its index where that may come last. True
   * for formats that do not tell.
   */
  static boolean isWhole(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer head = head(channel, 0);
      if (head.getInt(0) == EBML) {
        return Container.MATROSKA.isComplete(file);
      }
      if (head.getInt(0) == RIFF) {
        return endsWithAChunk(channel);
      }
      return switch (head.getInt(Integer.BYTES)) {
        case FTYP, MOOV, MDAT, WIDE, FREE, SKIP -> endsWithABox(channel);
        default -> true;
      };
    }
  }

  private static boolean endsWithAChunk(FileChannel channel) throws IOException {
    long end = 0;
    for (int part = 0; end < channel.size() && part < MAX_PARTS; part++) {
      ByteBuffer head = head(channel, end);
      long size = Integer.toUnsignedLong(head.order(ByteOrder.LITTLE_ENDIAN).getInt(Integer.BYTES));
      if (head.order(ByteOrder.BIG_ENDIAN).getInt(0) != RIFF || size == 0) {
        return false;
      }
      end += CHUNK_HEAD_BYTES + size;
    }
    return end == channel.size() || end == channel.size() + 1; // the last byte may be padding
  }

  private static boolean endsWithABox(FileChannel channel) throws IOException {
    boolean indexed = false;
    long end = 0;
    for (int part = 0; end < channel.size() && part < MAX_PARTS; part++) {
      ByteBuffer head = head(channel, end);
      long size = Integer.toUnsignedLong(head.getInt(0));
      int type = head.getInt(Integer.BYTES);
      indexed |= type == MOOV;
      if (size == 0 && type == MDAT) {
        return indexed; // up to the end of the file, wherever that is
      }
      size = size == 1 ? head.getLong(CHUNK_HEAD_BYTES) : size;
      if (size < CHUNK_HEAD_BYTES || size > channel.size() - end) {
        return false;
      }
      end += size;
    }
    return indexed;
  }

  /** Zeros stand for what is beyond the end. */
  private static ByteBuffer head(FileChannel channel, long position) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
    channel.read(head, position);
    return head.clear();
  }
}
