package org.shvideo.camera.media;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The byte stream form of H.264 (ITU-T H.264, annex B): NAL units between start codes. */
public final class AnnexB {
  private AnnexB() {}

  /** The NAL units of a stream, without start codes; what stands before the first is left out. */
  public static List<byte[]> nalUnits(byte[] stream) {
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

  /** Whether this may be the beginning of such a stream. */
  static boolean begins(byte[] head) {
    int code = startCode(head, 0);
    boolean zerosOnly = code < head.length;
    for (int i = 0; i < code && zerosOnly; i++) {
      zerosOnly = head[i] == 0;
    }
    return zerosOnly && code + 3 < head.length && head[code + 3] > 0;
  }
}
