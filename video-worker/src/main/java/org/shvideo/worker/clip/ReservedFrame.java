package org.shvideo.worker.clip;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.shvideo.ffmpeg.Frames;

/**
 * A frame as the decoder made it, kept in case it is needed: nothing is copied or converted until
 * {@link ClipReader#copy(ReservedFrame)}. Holds the decoder's memory until closed; may outlive the
 * reader. Not thread-safe.
 */
public final class ReservedFrame implements AutoCloseable {
  private final int index;
  private final double seconds;
  private final AVFrame frame;

  ReservedFrame(int index, double seconds, AVFrame decoded) {
    this.index = index;
    this.seconds = seconds;
    this.frame = Frames.share(decoded);
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
    Frames.free(frame);
  }
}
