package org.shvideo.camera.media;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An H.264 video in memory, to be served in a loop: begins with a keyframe, units in decoding
 * order. Every keyframe carries the parameter sets, as a camera's do: those that have none of their
 * own are given them, so that {@link #units} holds exactly what is served.
 *
 * @param width in pixels
 * @param height in pixels
 * @param parameterSets the SPS and PPS, each a NAL unit without start code
 * @param units in decoding order
 * @param length of one loop: the time from the first unit to where the first one of the next loop
 *     stands
 */
public record EncodedVideo(
    int width, int height, List<byte[]> parameterSets, List<AccessUnit> units, Duration length) {

  public EncodedVideo {
    List<byte[]> sets = List.copyOf(parameterSets);
    parameterSets = sets;
    units = units.stream().map(unit -> withParameterSets(unit, sets)).toList();
    if (units.isEmpty() || !units.get(0).keyframe()) {
      throw new IllegalArgumentException("a video begins with a keyframe");
    }
    if (length.isNegative() || length.isZero()) {
      throw new IllegalArgumentException("a video's length is not " + length);
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

  /** Units a second. */
  public double frameRate() {
    return units.size() * 1e9 / length.toNanos();
  }
}
