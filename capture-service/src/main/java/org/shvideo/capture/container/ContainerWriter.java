package org.shvideo.capture.container;

import java.io.IOException;
import java.util.function.LongUnaryOperator;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** Writes a file with one video stream. Not thread-safe. */
public interface ContainerWriter extends AutoCloseable {
  /**
   * Writes the next packet. Times are in microseconds from any origin.
   *
   * @param packet borrowed for this call; its own time stamps are ignored
   * @param ptsMicros when its frame is shown
   * @param dtsMicros when it is decoded; not before that of the packet before, nor after {@code
   *     ptsMicros}
   * @throws IOException when it cannot be written, as when the disk is full
   */
  void write(AVPacket packet, long ptsMicros, long dtsMicros) throws IOException;

  /** Corrects the times of the packets so far. */
  void retime(LongUnaryOperator time);

  /** How many packets were written. */
  long written();

  /**
   * Completes the file.
   *
   * @throws IOException when the file is not complete; all is freed nevertheless
   */
  @Override
  void close() throws IOException;
}
