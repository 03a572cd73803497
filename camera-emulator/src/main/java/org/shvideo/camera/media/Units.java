package org.shvideo.camera.media;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** What all readers do with the units they found. */
final class Units {
  private Units() {}

  /**
   * The video from its first keyframe on, with decoding from 0 and no more delay between decoding
   * and showing than the order of the pictures needs.
   */
  static EncodedVideo fromFirstKeyframe(
      int width, int height, List<byte[]> parameterSets, List<AccessUnit> units, Duration length)
      throws IOException {
    int first = 0;
    while (first < units.size() && !units.get(first).keyframe()) {
      first++;
    }
    if (first == units.size()) {
      throw new IOException("has no keyframe");
    }
    List<AccessUnit> kept = units.subList(first, units.size());
    long start = kept.get(0).dtsMicros();
    long delay = kept.stream().mapToLong(u -> u.ptsMicros() - u.dtsMicros()).min().orElse(0);
    return new EncodedVideo(
        width,
        height,
        parameterSets,
        kept.stream()
            .map(
                unit ->
                    new AccessUnit(
                        unit.nalUnits(),
                        unit.keyframe(),
                        unit.dtsMicros() - start,
                        unit.ptsMicros() - delay - start))
            .toList(),
        length.minusNanos(start * 1000));
  }
}
