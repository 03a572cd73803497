package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;

import java.nio.ByteBuffer;

/**
 * The recovery point message of H.264 (ITU-T H.264, D.1.8). A camera with gradual refresh sends it
 * instead of keyframes: FFmpeg flags the packet as one, but the picture is complete only some
 * frames later.
 */
public final class RecoveryPoint {
  private static final int SLICE = 1;
  private static final int IDR_SLICE = 5;
  private static final int MESSAGES = 6;
  private static final int RECOVERY_POINT = 6;

  /** Of the number of frames: up to 16 zeros, and as many bits after the first one. */
  private static final int MAX_NUMBER_BYTES = 5;

  private RecoveryPoint() {}

  /**
   * How many frames after a keyframe the picture is complete: 0 for true keyframes, and where
   * nothing is said. Only streams with start codes are read, as cameras send them.
   *
   * @param codec FFmpeg's number
   * @param borrowed a packet that is flagged as keyframe
   */
  public static int frames(int codec, Packet borrowed) {
    if (codec != AV_CODEC_ID_H264) {
      return 0;
    }
    byte[] data = ParameterSets.head(borrowed.data().data(), borrowed.size());
    int unit = ParameterSets.next(data, 0);
    int frames = 0;
    while (frames == 0 && unit < data.length && !isSlice(data[unit])) {
      int next = ParameterSets.next(data, unit);
      if ((data[unit] & 31) == MESSAGES) {
        frames = inMessages(withoutEscapes(data, unit + 1, next));
      }
      unit = next;
    }
    return frames;
  }

  private static boolean isSlice(byte header) {
    int type = header & 31;
    return type >= SLICE && type <= IDR_SLICE;
  }

  /** Without the 3 that keeps two zeros from looking like a start code (7.3.1). */
  private static ByteBuffer withoutEscapes(byte[] data, int begin, int end) {
    ByteBuffer plain = ByteBuffer.allocate(end - begin);
    int zeros = 0;
    for (int i = begin; i < end; i++) {
      if (zeros < 2 || data[i] != 3) {
        plain.put(data[i]);
      }
      zeros = data[i] == 0 ? zeros + 1 : 0;
    }
    return plain.flip();
  }

  private static int inMessages(ByteBuffer messages) {
    while (messages.remaining() > 2) {
      int type = sum(messages);
      int size = sum(messages);
      if (type == RECOVERY_POINT) {
        return number(messages);
      }
      messages.position(Math.min(messages.position() + size, messages.limit()));
    }
    return 0;
  }

  /** Bytes of 255 and a last one that is less, added up (7.3.2.3.1). */
  private static int sum(ByteBuffer bytes) {
    int sum = 0;
    int last = 255;
    while (last == 255 && bytes.hasRemaining()) {
      last = bytes.get() & 255;
      sum += last;
    }
    return sum;
  }

  /** An Exp-Golomb code (9.1). */
  private static int number(ByteBuffer bits) {
    long window = 0;
    for (int i = 0; i < MAX_NUMBER_BYTES; i++) {
      window = window << 8 | (bits.hasRemaining() ? bits.get() & 255 : 0);
    }
    int zeros = Long.numberOfLeadingZeros(window) - Long.SIZE + MAX_NUMBER_BYTES * 8;
    int length = 2 * zeros + 1;
    return length > MAX_NUMBER_BYTES * 8
        ? 0
        : (int) (window >>> (MAX_NUMBER_BYTES * 8 - length)) - 1;
  }
}
