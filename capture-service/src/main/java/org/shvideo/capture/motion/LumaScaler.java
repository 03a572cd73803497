package org.shvideo.capture.motion;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_BE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_BITSTREAM;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_FLOAT;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_HWACCEL;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_PAL;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;
import static org.bytedeco.opencv.global.opencv_core.CV_16UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.ffmpeg.avutil.AVComponentDescriptor;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Scales the luma plane of decoded frames down to a small grey picture of one byte per pixel. Not
 * thread-safe.
 *
 * <p>Reads the decoder's own plane without a copy. FFmpeg's scaler would do as well, but sets
 * itself up again for every frame in a full-range format, which is what MJPEG has.
 */
final class LumaScaler implements AutoCloseable {
  private static final long UNREADABLE =
      AV_PIX_FMT_FLAG_BE
          | AV_PIX_FMT_FLAG_BITSTREAM
          | AV_PIX_FMT_FLAG_FLOAT
          | AV_PIX_FMT_FLAG_HWACCEL
          | AV_PIX_FMT_FLAG_PAL;

  private final Size size;
  private final Mat deep = new Mat();
  private final Mat picture = new Mat();

  LumaScaler(int width, int height) {
    this.size = new Size(width, height);
  }

  /** Whether frames of this format have a luma plane of whole bytes; nearly all do. */
  static boolean isReadable(AVFrame frame) {
    AVPixFmtDescriptor format = av_pix_fmt_desc_get(frame.format());
    if (format == null || (format.flags() & UNREADABLE) != 0) {
      return false;
    }
    AVComponentDescriptor first = format.comp(0);
    return first.step() == bytes(first) && first.step() <= 2 && first.offset() == 0;
  }

  private static int bytes(AVComponentDescriptor component) {
    return (component.depth() + 7) / 8;
  }

  /**
   * Scales a readable frame of any size and depth.
   *
   * @return borrowed, valid until the next call
   */
  Mat scale(AVFrame frame) {
    AVComponentDescriptor first = av_pix_fmt_desc_get(frame.format()).comp(0);
    boolean isDeep = first.step() == 2;
    int plane = first.plane();
    try (Mat whole =
        new Mat(
            frame.height(),
            frame.width(),
            isDeep ? CV_16UC1 : CV_8UC1,
            frame.data(plane),
            frame.linesize(plane))) {
      resize(whole, isDeep ? deep : picture, size, 0, 0, INTER_AREA);
    }
    if (isDeep) {
      deep.convertTo(picture, CV_8U, 256.0 / (1 << (first.depth() + first.shift())), 0);
    }
    return picture;
  }

  @Override
  public void close() {
    picture.close();
    deep.close();
    size.close();
  }
}
