package org.shvideo.capture.record;

import java.io.IOException;
import org.shvideo.capture.stream.Packet;

/** Writes one clip. Not thread-safe. */
interface ClipWriter extends AutoCloseable {

  /**
   * Writes the next packet; the first must be a keyframe.
   *
   * @param borrowed not kept beyond this call
   * @throws IOException when it cannot be written; only {@link #close} is of use then
   */
  void write(Packet borrowed) throws IOException;

  /** How many pictures were written. */
  long written();

  /**
   * Completes the file and frees what it took to write it, the latter even when it throws.
   *
   * @throws IOException when the file is not complete
   */
  @Override
  void close() throws IOException;
}
