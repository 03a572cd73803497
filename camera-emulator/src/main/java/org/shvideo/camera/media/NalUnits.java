package org.shvideo.camera.media;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** NAL units of H.264, each without start code or length prefix. */
public final class NalUnits {
  static final int IDR_SLICE = 5;
  static final int SPS = 7;
  static final int PPS = 8;
  static final int DELIMITER = 9;

  private NalUnits() {}

  /** The type (ITU-T H.264, table 7-1). */
  static int type(byte[] nalUnit) {
    return nalUnit[0] & 0x1f;
  }

  static boolean isParameterSet(byte[] nalUnit) {
    return type(nalUnit) == SPS || type(nalUnit) == PPS;
  }

  /** Splits a byte stream (annex B) at its start codes; bytes before the first are left out. */
  public static List<byte[]> split(byte[] stream) {
    List<byte[]> nalUnits = new ArrayList<>();
    int begin = startCode(stream, 0);
    while (begin < stream.length) {
      int next = startCode(stream, begin + 3);
      int end = next;
      while (end > begin + 3 && stream[end - 1] == 0) {
        end--;
      }
      if (end > begin + 3) {
        nalUnits.add(Arrays.copyOfRange(stream, begin + 3, end));
      }
      begin = next;
    }
    return nalUnits;
  }

  private static int startCode(byte[] stream, int from) {
    for (int i = from; i + 2 < stream.length; i++) {
      if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
        return i;
      }
    }
    return stream.length;
  }
}
