package org.shvideo.camera.media;

import java.util.List;

/** JPEG pictures to be served in a loop, each the content of a JPEG file. */
public record JpegVideo(List<byte[]> pictures, double framesPerSecond) {

  public JpegVideo {
    pictures = List.copyOf(pictures);
    if (pictures.isEmpty()) {
      throw new IllegalArgumentException("A video needs at least one picture");
    }
    if (!(framesPerSecond > 0)) {
      throw new IllegalArgumentException("Invalid frame rate: " + framesPerSecond);
    }
  }
}
