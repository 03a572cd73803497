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
}
