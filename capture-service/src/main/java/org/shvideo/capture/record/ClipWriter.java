package org.shvideo.capture.record;

import java.io.IOException;
import java.util.function.LongUnaryOperator;
import org.shvideo.capture.stream.Packet;

/** Writes one clip. Not thread-safe. */
interface ClipWriter extends AutoCloseable {

  /**
   * Writes the next packet; the first must be a keyframe.
   *
   * @param borrowed not kept beyond this call
   * @throws IOException if it cannot be written; the writer can only be closed then
   */
  void write(Packet borrowed) throws IOException;

  /** Corrects the times of the packets written. */
  void retime(LongUnaryOperator time);

  /** The number of frames written. */
  long written();

  /**
   * Completes the file, and frees native memory even if that fails.
   *
   * @throws IOException if the file is not complete
   */
  @Override
  void close() throws IOException;
}
