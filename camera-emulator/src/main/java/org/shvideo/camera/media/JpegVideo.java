package org.shvideo.camera.media;

import java.util.List;

/**
 * Pictures to be shown one after the other, in a loop.
 *
 * @param pictures each a JPEG file
 */
public record JpegVideo(List<byte[]> pictures, double framesPerSecond) {

  public JpegVideo {
    pictures = List.copyOf(pictures);
    if (pictures.isEmpty()) {
      throw new IllegalArgumentException("a video has pictures");
    }
    if (!(framesPerSecond > 0)) {
      throw new IllegalArgumentException("a video has no rate of " + framesPerSecond);
    }
  }
}
