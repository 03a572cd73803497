package org.shvideo.capture.stream;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;

/**
 * The properties of a stream's video, sizes in pixels.
 *
 * @param codec FFmpeg's name: {@code h264}, {@code hevc}, {@code mjpeg} …
 * @param frameRate as declared by the stream, in frames per second; 0 if unknown or unreliable
 * @param parameters for decoders and muxers; owned by the stream and valid while it is open
 */
public record StreamInfo(
    String codec, int width, int height, double frameRate, AVCodecParameters parameters) {
  /** Of a picture, as of those that the worker analyses; 8K has 33 million. */
  public static final long MAX_PIXELS = 40_000_000;
}
