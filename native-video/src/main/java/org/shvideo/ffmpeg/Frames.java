package org.shvideo.ffmpeg;

import java.nio.IntBuffer;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Ownership of frames beyond the object that produced them. FFmpeg counts references to a frame's
 * pixels: {@link #share} copies none.
 */
public final class Frames {
  private static final int MATRIX_BYTES = 9 * Integer.BYTES;

  private Frames() {}

  /**
   * Bounds each block of memory that FFmpeg allocates in this process: a packet, or one plane of a
   * picture. What needs a larger one fails as if there were no memory.
   */
  public static void limitBlocks(long bytes) {
    avutil.av_max_alloc(bytes);
  }

  /**
   * A frame with memory for its pixels, whose values are undefined.
   *
   * @param pixelFormat FFmpeg's {@code AV_PIX_FMT_…}
   * @param width in pixels, as the height
   * @return to be {@linkplain #free freed}
   */
  public static AVFrame allocate(int pixelFormat, int width, int height) {
    AVFrame frame = allocated(avutil.av_frame_alloc());
    frame.format(pixelFormat).width(width).height(height);
    if (avutil.av_frame_get_buffer(frame, 0) < 0) {
      free(frame);
      throw new OutOfMemoryError("no memory for a frame of %d×%d".formatted(width, height));
    }
    return frame;
  }

  /** Another frame with the same pixels, to be {@link #free}d. */
  public static AVFrame share(AVFrame frame) {
    return allocated(avutil.av_frame_clone(frame));
  }

  /** Frees a frame and its reference; may be called twice. */
  public static void free(AVFrame frame) {
    if (!frame.isNull()) {
      avutil.av_frame_free(frame);
      frame.setNull();
    }
  }

  /**
   * How a stream's pictures are to be turned and mirrored.
   *
   * @return nine fixed-point numbers, row by row, borrowed from the parameters; null if they are
   *     not
   */
  public static IntBuffer displayMatrix(AVCodecParameters parameters) {
    AVPacketSideData data =
        avcodec.av_packet_side_data_get(
            parameters.coded_side_data(),
            parameters.nb_coded_side_data(),
            avcodec.AV_PKT_DATA_DISPLAYMATRIX);
    return data == null || data.isNull() ? null : matrix(data.data(), data.size());
  }

  /** As of a stream; borrowed from the frame. */
  public static IntBuffer displayMatrix(AVFrame frame) {
    AVFrameSideData data = avutil.av_frame_get_side_data(frame, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
    return data == null || data.isNull() ? null : matrix(data.data(), data.size());
  }

  private static IntBuffer matrix(BytePointer data, long size) {
    return size < MATRIX_BYTES
        ? null
        : new BytePointer(data).capacity(MATRIX_BYTES).asByteBuffer().asIntBuffer();
  }

  /** FFmpeg answers null where memory ran out. */
  static <T extends Pointer> T allocated(T pointer) {
    if (pointer == null || pointer.isNull()) {
      throw new OutOfMemoryError("FFmpeg has no memory");
    }
    return pointer;
  }
}
