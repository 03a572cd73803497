package org.shvideo.camera.media;

import java.util.OptionalDouble;
import java.util.Set;

/**
 * What a raw stream says of itself (ITU-T H.264, 7.3.2.1.1 and E.1.1).
 *
 * @param width in pixels, cropped
 * @param height in pixels, cropped
 * @param frameRate frames a second, if told
 * @param separatePlanes whether slices name their colour plane
 * @param frameNumberBits length of a slice's frame_num
 * @param orderType pic_order_cnt_type
 * @param orderBits length of a slice's pic_order_cnt_lsb, where the type is 0
 * @param framesOnly whether there are no fields
 */
record SequenceParameterSet(
    int width,
    int height,
    OptionalDouble frameRate,
    boolean separatePlanes,
    int frameNumberBits,
    int orderType,
    int orderBits,
    boolean framesOnly) {

  private static final Set<Long> PROFILES_WITH_CHROMA =
      Set.of(100L, 110L, 122L, 244L, 44L, 83L, 86L, 118L, 128L, 138L, 139L, 134L, 135L);

  static SequenceParameterSet parse(byte[] nalUnit) {
    BitReader in = new BitReader(nalUnit);
    long profile = in.bits(8);
    in.bits(16);
    in.unsigned();
    int chroma = 1;
    boolean separatePlanes = false;
    if (PROFILES_WITH_CHROMA.contains(profile)) {
      chroma = in.unsigned();
      separatePlanes = chroma == 3 && in.flag();
      in.unsigned();
      in.unsigned();
      in.flag();
      if (in.flag()) {
        skipScalingMatrix(in, chroma == 3 ? 12 : 8);
      }
    }
    int frameNumberBits = in.unsigned() + 4;
    int orderType = in.unsigned();
    int orderBits = 0;
    if (orderType == 0) {
      orderBits = in.unsigned() + 4;
    } else if (orderType == 1) {
      in.flag();
      in.signed();
      in.signed();
      for (int i = in.unsigned(); i > 0; i--) {
        in.signed();
      }
    }
    in.unsigned();
    in.flag();
    int width = (in.unsigned() + 1) * 16;
    int mapUnits = in.unsigned() + 1;
    boolean framesOnly = in.flag();
    int height = mapUnits * 16 * (framesOnly ? 1 : 2);
    if (!framesOnly) {
      in.flag();
    }
    in.flag();
    if (in.flag()) {
      boolean subsampled = !separatePlanes && (chroma == 1 || chroma == 2);
      int cropX = subsampled ? 2 : 1;
      int cropY = (!separatePlanes && chroma == 1 ? 2 : 1) * (framesOnly ? 1 : 2);
      width -= (in.unsigned() + in.unsigned()) * cropX;
      height -= (in.unsigned() + in.unsigned()) * cropY;
    }
    OptionalDouble frameRate = in.flag() ? frameRate(in) : OptionalDouble.empty();
    return new SequenceParameterSet(
        width,
        height,
        frameRate,
        separatePlanes,
        frameNumberBits,
        orderType,
        orderBits,
        framesOnly);
  }

  private static void skipScalingMatrix(BitReader in, int lists) {
    for (int list = 0; list < lists; list++) {
      if (in.flag()) {
        int size = list < 6 ? 16 : 64;
        int last = 8;
        for (int i = 0, next = 8; i < size && next != 0; i++) {
          next = Math.floorMod(last + in.signed(), 256);
          last = next == 0 ? last : next;
        }
      }
    }
  }

  /** From the usability information, which this stands at. */
  private static OptionalDouble frameRate(BitReader in) {
    if (in.flag() && in.bits(8) == 255) {
      in.bits(32);
    }
    if (in.flag()) {
      in.flag();
    }
    if (in.flag()) {
      in.bits(4);
      if (in.flag()) {
        in.bits(24);
      }
    }
    if (in.flag()) {
      in.unsigned();
      in.unsigned();
    }
    if (!in.flag()) {
      return OptionalDouble.empty();
    }
    long unitsInTick = in.bits(32);
    long timeScale = in.bits(32);
    // A tick is a field's time, half a frame's.
    return unitsInTick == 0 || timeScale == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(timeScale / (2.0 * unitsInTick));
  }
}
