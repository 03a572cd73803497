package org.shvideo.capture.motion;

import java.util.ArrayDeque;
import java.util.Deque;
import org.shvideo.capture.stream.Packet;
import org.shvideo.ffmpeg.Packets;

/**
 * Packets that were not decoded and may have to be, beginning with a keyframe. Holds references:
 * their data is shared with whoever else keeps it, as the pre-roll does. Not thread-safe.
 */
final class DeferredPackets implements AutoCloseable {
  private final Deque<Packet> packets = new ArrayDeque<>();
  private long bytes;

  void add(Packet borrowed) {
    packets.addLast(
        new Packet(
            Packets.share(borrowed.data()),
            borrowed.ptsMicros(),
            borrowed.dtsMicros(),
            borrowed.arrivalNanos()));
    bytes += borrowed.size();
  }

  /** The oldest packet, to be closed by the caller; null where there is none. */
  Packet remove() {
    Packet oldest = packets.pollFirst();
    bytes -= oldest == null ? 0 : oldest.size();
    return oldest;
  }

  boolean isEmpty() {
    return packets.isEmpty();
  }

  int size() {
    return packets.size();
  }

  long bytes() {
    return bytes;
  }

  void clear() {
    packets.forEach(Packet::close);
    packets.clear();
    bytes = 0;
  }

  @Override
  public void close() {
    clear();
  }
}
