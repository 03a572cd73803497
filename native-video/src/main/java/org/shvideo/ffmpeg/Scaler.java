package org.shvideo.ffmpeg;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Scales frames to one size and a pixel format of one plane, such as grey or BGR, into memory of
 * the caller. The conversion is prepared once and again when the frames' own size or format
 * changes. Owns it until closed. Not thread-safe.
 */
public final class Scaler implements AutoCloseable {
  private final int pixelFormat;
  private final int flags;
  private final PointerPointer<Pointer> targets = new PointerPointer<>(4);
  private final IntPointer strides = new IntPointer(4);
  private SwsContext context;

  /**
   * @param pixelFormat of the result, FFmpeg's {@code AV_PIX_FMT_…}
   * @param flags FFmpeg's {@code SWS_…}: how pixels are interpolated
   */
  public Scaler(int pixelFormat, int flags) {
    this.pixelFormat = pixelFormat;
    this.flags = flags;
  }

  /**
   * Scales a frame.
   *
   * @param width of the result in pixels, as the height
   * @param target borrowed for this call; FFmpeg may write up to 64 pixels beyond the last row's
   *     end where {@code stride} leaves no room for them
   * @param stride bytes from one row of the result to the next
   * @throws IllegalStateException where FFmpeg has no conversion from the frame's pixel format
   */
  public void scale(AVFrame source, int width, int height, Pointer target, int stride) {
    // Frees or returns the last one; null in the end where there is no conversion.
    context =
        swscale.sws_getCachedContext(
            context,
            source.width(),
            source.height(),
            source.format(),
            width,
            height,
            pixelFormat,
            flags,
            null,
            null,
            (DoublePointer) null);
    if (context == null) {
      throw new IllegalStateException("cannot convert from pixel format " + source.format());
    }
    targets.put(0, target);
    strides.put(0, stride);
    swscale.sws_scale(
        context, source.data(), source.linesize(), 0, source.height(), targets, strides);
  }

  @Override
  public void close() {
    swscale.sws_freeContext(context);
    context = null;
    targets.close();
    strides.close();
  }
}
