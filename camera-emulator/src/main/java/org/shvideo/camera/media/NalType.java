package org.shvideo.camera.media;

/** The kinds of NAL units that matter here (ITU-T H.264, table 7-1). */
final class NalType {
  static final int SLICE = 1;
  static final int IDR_SLICE = 5;
  static final int SEI = 6;
  static final int SPS = 7;
  static final int PPS = 8;
  static final int DELIMITER = 9;

  private NalType() {}

  static int of(byte[] nalUnit) {
    return nalUnit[0] & 0x1f;
  }

  /** A slice, or the part of one that begins with its header. */
  static boolean isSlice(byte[] nalUnit) {
    int type = of(nalUnit);
    return type == SLICE || type == 2 || type == IDR_SLICE;
  }

  /** Whether other pictures are predicted from it. */
  static boolean isReference(byte[] nalUnit) {
    return (nalUnit[0] & 0x60) != 0;
  }
}
