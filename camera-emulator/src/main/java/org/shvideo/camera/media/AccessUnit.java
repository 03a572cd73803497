package org.shvideo.camera.media;

import java.util.List;

/**
 * One encoded picture of H.264.
 *
 * @param nalUnits without start codes or length prefixes
 * @param keyframe whether decoding can begin here
 * @param dtsMicros decoding time since the start of the video; increasing
 * @param ptsMicros presentation time since the start of the video
 */
public record AccessUnit(List<byte[]> nalUnits, boolean keyframe, long dtsMicros, long ptsMicros) {

  public AccessUnit {
    nalUnits = List.copyOf(nalUnits);
  }
}
