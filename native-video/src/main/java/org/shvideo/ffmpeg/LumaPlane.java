package org.shvideo.ffmpeg;

import org.bytedeco.ffmpeg.avutil.AVComponentDescriptor;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/**
 * Where the frames of a pixel format have their brightness.
 *
 * @param plane index of the plane, which holds nothing else
 * @param bytes per pixel, 1 or 2 in the processor's order
 * @param bits of them that are used, counted from the lowest
 */
public record LumaPlane(int plane, int bytes, int bits) {
  private static final long UNREADABLE =
      avutil.AV_PIX_FMT_FLAG_BE
          | avutil.AV_PIX_FMT_FLAG_BITSTREAM
          | avutil.AV_PIX_FMT_FLAG_FLOAT
          | avutil.AV_PIX_FMT_FLAG_HWACCEL
          | avutil.AV_PIX_FMT_FLAG_PAL;

  /** Returns the plane of a format, null where brightness has no plane of its own; most have. */
  public static LumaPlane of(int pixelFormat) {
    AVPixFmtDescriptor format = avutil.av_pix_fmt_desc_get(pixelFormat);
    if (format == null || (format.flags() & UNREADABLE) != 0) {
      return null;
    }
    AVComponentDescriptor first = format.comp(0);
    int bytes = (first.depth() + 7) / 8;
    return first.step() == bytes && bytes <= 2 && first.offset() == 0
        ? new LumaPlane(first.plane(), bytes, first.depth() + first.shift())
        : null;
  }

  /** FFmpeg's name of a pixel format, or its number where it has none. */
  public static String formatName(int pixelFormat) {
    try (BytePointer name = avutil.av_get_pix_fmt_name(pixelFormat)) {
      return name == null ? Integer.toString(pixelFormat) : name.getString();
    }
  }
}
