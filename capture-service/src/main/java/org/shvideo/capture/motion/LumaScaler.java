package org.shvideo.capture.motion;

import static org.bytedeco.opencv.global.opencv_core.CV_16UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.shvideo.ffmpeg.LumaPlane;

/**
 * Scales the luma plane of decoded frames down to a small grey picture of one byte per pixel. Not
 * thread-safe.
 *
 * <p>Reads the decoder's own plane without a copy. FFmpeg's scaler would do as well, but sets
 * itself up again for every frame in a full-range format, which is what MJPEG has.
 */
final class LumaScaler implements AutoCloseable {
  private final Size size;
  private final Mat deep = new Mat();
  private final Mat picture = new Mat();

  LumaScaler(int width, int height) {
    this.size = new Size(width, height);
  }

  /** Whether frames of this format have a luma plane of whole bytes; nearly all do. */
  static boolean isReadable(AVFrame frame) {
    return LumaPlane.of(frame.format()) != null;
  }

  /** Scales a readable frame of any size and depth. The result is valid until the next call. */
  Mat scale(AVFrame frame) {
    LumaPlane luma = LumaPlane.of(frame.format());
    boolean isDeep = luma.bytes() == 2;
    try (Mat whole =
        new Mat(
            frame.height(),
            frame.width(),
            isDeep ? CV_16UC1 : CV_8UC1,
            frame.data(luma.plane()),
            frame.linesize(luma.plane()))) {
      resize(whole, isDeep ? deep : picture, size, 0, 0, INTER_AREA);
    }
    if (isDeep) {
      deep.convertTo(picture, CV_8U, 256.0 / (1 << luma.bits()), 0);
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
