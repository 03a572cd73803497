package org.shvideo.worker.clip;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.shvideo.ffmpeg.Frames;

/**
 * A frame as the decoder made it, kept in case it is needed: nothing is copied or converted until
 * {@link ClipReader#copy(ReservedFrame)}. Holds the decoder's memory until closed; may outlive the
 * reader. Not thread-safe.
 *
 * @param index in the clip, from 0
 * @param seconds from the clip's start
 */
public record ReservedFrame(int index, double seconds, AVFrame decoded) implements AutoCloseable {
  @Override
  public void close() {
    Frames.free(decoded);
  }
}
