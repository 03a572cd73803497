package org.shvideo.camera.media;

import java.util.List;

/**
 * One encoded picture.
 *
 * @param nalUnits without start codes or length prefixes
 * @param keyframe whether decoding can begin here
 * @param dtsMicros when it is decoded, from the video's start; increasing
 * @param ptsMicros when it is shown, from the video's start
 */
public record AccessUnit(List<byte[]> nalUnits, boolean keyframe, long dtsMicros, long ptsMicros) {

  public AccessUnit {
    nalUnits = List.copyOf(nalUnits);
  }
}
