package org.shvideo.camera.media;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An H.264 video in memory, to be served in a loop. It begins with a keyframe. As with a real
 * camera, every keyframe contains the parameter sets; they are added where they are missing, so
 * {@link #units} are exactly what is served.
 *
 * @param width in pixels, as the height
 * @param parameterSets the SPS and PPS, each a NAL unit without start code
 * @param units in decoding order
 * @param length of one loop: the time from the first unit to the first one of the next loop
 */
public record EncodedVideo(
    int width, int height, List<byte[]> parameterSets, List<AccessUnit> units, Duration length) {

  public EncodedVideo {
    List<byte[]> sets = List.copyOf(parameterSets);
    parameterSets = sets;
    units = units.stream().map(unit -> withParameterSets(unit, sets)).toList();
    if (units.isEmpty() || !units.get(0).keyframe()) {
      throw new IllegalArgumentException("A video must begin with a keyframe");
    }
    if (length.isNegative() || length.isZero()) {
      throw new IllegalArgumentException("Invalid length of a video: " + length);
    }
  }

  private static AccessUnit withParameterSets(AccessUnit unit, List<byte[]> sets) {
    List<byte[]> nalUnits = unit.nalUnits();
    if (!unit.keyframe() || nalUnits.stream().anyMatch(nal -> NalUnits.type(nal) == NalUnits.SPS)) {
      return unit;
    }
    List<byte[]> complete = new ArrayList<>(nalUnits);
    boolean delimited = NalUnits.type(nalUnits.get(0)) == NalUnits.DELIMITER;
    complete.addAll(delimited ? 1 : 0, sets);
    return new AccessUnit(complete, true, unit.dtsMicros(), unit.ptsMicros());
  }

  /** Access units per second. */
  public double frameRate() {
    return units.size() * 1e9 / length.toNanos();
  }
}
