package org.shvideo.capture.stream;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;

/**
 * What a stream's video is made of.
 *
 * @param codec FFmpeg's name: {@code h264}, {@code hevc}, {@code mjpeg} …
 * @param width in pixels
 * @param height in pixels
 * @param frameRate what the stream declares, frames a second; 0 when unknown or not to be believed
 * @param parameters for decoders and muxers; owned by the stream and valid while it is open
 */
public record StreamInfo(
    String codec, int width, int height, double frameRate, AVCodecParameters parameters) {}
