package org.shvideo.camera.media;

import java.time.Duration;
import java.util.List;

/**
 * An H.264 video in memory, to be served in a loop: begins with a keyframe, units in decoding
 * order.
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
    parameterSets = List.copyOf(parameterSets);
    units = List.copyOf(units);
    if (units.isEmpty() || !units.get(0).keyframe()) {
      throw new IllegalArgumentException("a video begins with a keyframe");
    }
  }
}
