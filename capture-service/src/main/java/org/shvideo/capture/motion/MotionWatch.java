package org.shvideo.capture.motion;

import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;

/**
 * Watches one connection to one camera for motion. Not thread-safe.
 *
 * <p>Make a new one for each connection: it learns the picture anew.
 */
public final class MotionWatch implements AutoCloseable {

  /**
   * Opens the decoder.
   *
   * @param camera its name, for messages
   * @param info borrowed for the length of this call
   * @throws IllegalArgumentException where there is no decoder for the stream
   */
  public MotionWatch(String camera, StreamInfo info, MotionSettings settings) {}

  /**
   * Takes the stream's next packet, in the order of decoding.
   *
   * @param borrowed not kept beyond this call
   */
  public Motion accept(Packet borrowed) {
    return new Motion(false, 0);
  }

  @Override
  public void close() {}
}
