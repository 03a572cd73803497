package org.shvideo.worker.clip;

/**
 * What a clip declares about itself, sizes in pixels; what is really in it is known only after
 * reading it.
 *
 * @param codec FFmpeg's name: {@code h264}, {@code mpeg4} …
 * @param framesPerSecond 0 when unknown
 * @param durationSeconds 0 when unknown
 */
public record ClipInfo(
    String codec, int width, int height, double framesPerSecond, double durationSeconds) {

  /** How many frames to expect; 0 when unknown. */
  public int expectedFrames() {
    return (int) Math.round(framesPerSecond * durationSeconds);
  }
}
