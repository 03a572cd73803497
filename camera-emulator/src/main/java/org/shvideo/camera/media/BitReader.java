package org.shvideo.camera.media;

/**
 * Reads the fields of a NAL unit's payload (ITU-T H.264, 7.2 and 9.1), over the bytes that only
 * prevent start codes. Not thread-safe.
 */
final class BitReader {
  private final byte[] bytes;
  private final int length;
  private int position;

  /** Behind the NAL unit's header byte. */
  BitReader(byte[] nalUnit) {
    bytes = new byte[nalUnit.length];
    int kept = 0;
    for (int i = 1; i < nalUnit.length; i++) {
      boolean prevention = nalUnit[i] == 3 && i >= 3 && nalUnit[i - 1] == 0 && nalUnit[i - 2] == 0;
      if (!prevention) {
        bytes[kept++] = nalUnit[i];
      }
    }
    length = kept;
  }

  /** Unsigned, of up to 32 bits. */
  long bits(int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      if (position >= length * 8) {
        throw new IllegalArgumentException("is damaged: a NAL unit ends too early");
      }
      value = value << 1 | (bytes[position / 8] >> (7 - position % 8) & 1);
      position++;
    }
    return value;
  }

  boolean flag() {
    return bits(1) == 1;
  }

  /** Exp-Golomb, unsigned: ue(v). */
  int unsigned() {
    int zeros = 0;
    while (!flag()) {
      if (++zeros > 31) {
        throw new IllegalArgumentException(
            "is damaged: a NAL unit holds no number where one is due");
      }
    }
    return (int) ((1L << zeros) - 1 + bits(zeros));
  }

  /** Exp-Golomb, signed: se(v). */
  int signed() {
    int code = unsigned();
    return code % 2 == 0 ? -(code / 2) : (code + 1) / 2;
  }
}
