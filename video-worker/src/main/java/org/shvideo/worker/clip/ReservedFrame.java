package org.shvideo.worker.clip;

import static org.bytedeco.ffmpeg.global.avutil.av_frame_clone;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * A frame as the decoder made it, kept in case it is wanted: nothing is copied or converted until
 * {@link ClipReader#copy(ReservedFrame)}. Holds the decoder's memory until closed; outlives the
 * reader. Not thread-safe.
 */
public final class ReservedFrame implements AutoCloseable {
  private final int index;
  private final double seconds;
  private AVFrame frame;

  ReservedFrame(int index, double seconds, AVFrame decoded) {
    this.index = index;
    this.seconds = seconds;
    frame = av_frame_clone(decoded);
    if (frame == null) {
      throw new OutOfMemoryError("no memory for a reference to frame " + index);
    }
  }

  int index() {
    return index;
  }

  /** From the clip's start. */
  public double seconds() {
    return seconds;
  }

  AVFrame decoded() {
    return frame;
  }

  @Override
  public void close() {
    if (frame != null) {
      av_frame_free(frame);
      frame = null;
    }
  }
}
