package org.shvideo.capture.record;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.shvideo.capture.stream.Packet;

/**
 * The latest packets of a stream, kept so that a clip can start before its motion. Holds whole
 * GOPs, so that it always begins with a keyframe, and owns their packets. Not thread-safe.
 *
 * <p>Limited in time: the oldest GOP is dropped as soon as the next one reaches back far enough.
 * Limited in size: the oldest GOPs are dropped even if they reach back less. A GOP that alone is
 * too large is dropped as a whole, and nothing is kept until the next keyframe, because the rest
 * could not be decoded without its keyframe.
 */
final class PreRollBuffer implements AutoCloseable {
  private final long spanMicros;
  private final long maxBytes;
  private final Deque<Gop> gops = new ArrayDeque<>();
  private long bytes;

  /** A keyframe and the packets up to the next one. */
  private static final class Gop {
    final long beginMicros;
    final List<Packet> packets = new ArrayList<>();
    long bytes;

    Gop(long beginMicros) {
      this.beginMicros = beginMicros;
    }

    void close() {
      packets.forEach(Packet::close);
    }
  }

  PreRollBuffer(Duration span, long maxBytes) {
    this.spanMicros = span.toNanos() / 1000;
    this.maxBytes = maxBytes;
  }

  /**
   * Adds the stream's next packet, or closes it if there is no keyframe before it.
   *
   * @return false if a GOP that was too large has been dropped
   */
  boolean add(Packet owned) {
    if (owned.keyframe()) {
      gops.addLast(new Gop(owned.ptsMicros()));
    }
    Gop newest = gops.peekLast();
    if (newest == null) {
      owned.close();
      return true;
    }
    newest.packets.add(owned);
    newest.bytes += owned.size();
    bytes += owned.size();

    while (gops.size() > 1 && (bytes > maxBytes || secondGopSuffices(owned.ptsMicros()))) {
      dropOldest();
    }
    if (bytes > maxBytes) {
      dropOldest();
      return false;
    }
    return true;
  }

  private boolean secondGopSuffices(long nowMicros) {
    Iterator<Gop> oldestFirst = gops.iterator();
    oldestFirst.next();
    return oldestFirst.next().beginMicros <= nowMicros - spanMicros;
  }

  private void dropOldest() {
    Gop oldest = gops.removeFirst();
    bytes -= oldest.bytes;
    oldest.close();
  }

  /**
   * The packets from the last keyframe at or before a time, or from the oldest one kept, to the
   * newest. May be empty.
   *
   * @return borrowed, valid until the next {@link #add}
   */
  List<Packet> from(long ptsMicros) {
    List<Packet> found = new ArrayList<>();
    for (Gop gop : gops) {
      if (gop.beginMicros <= ptsMicros) {
        found.clear();
      }
      found.addAll(gop.packets);
    }
    return found;
  }

  /** All packets, oldest first; borrowed, valid until the next {@link #add}. */
  List<Packet> all() {
    return from(Long.MIN_VALUE);
  }

  @Override
  public void close() {
    while (!gops.isEmpty()) {
      dropOldest();
    }
  }
}
