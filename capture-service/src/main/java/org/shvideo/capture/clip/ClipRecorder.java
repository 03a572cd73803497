package org.shvideo.capture.clip;

import java.time.Clock;
import org.shvideo.capture.motion.Motion;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;

/**
 * Records one connection to one camera: keeps the pre-roll, begins a clip when motion begins and
 * goes on with the next while motion goes on. Not thread-safe.
 */
public final class ClipRecorder implements AutoCloseable {

  /**
   * @param info used until this is closed
   * @param clock gives the time of day; packets' arrival is of {@link System#nanoTime}
   */
  public ClipRecorder(
      String camera, StreamInfo info, ClipSettings settings, ClipStore store, Clock clock) {}

  /**
   * Takes the stream's next packet.
   *
   * @param owned closed by this, at once or later
   * @param motion what is known of motion after it
   */
  public void accept(Packet owned, Motion motion) {
    owned.close();
  }

  /** Finishes the clip in progress and waits, up to 8 s, until it is published. */
  @Override
  public void close() {}
}
