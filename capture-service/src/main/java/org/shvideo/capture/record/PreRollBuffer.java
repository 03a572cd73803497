package org.shvideo.capture.record;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.shvideo.capture.stream.Packet;

/**
 * The latest packets of a stream, kept so that a clip can begin before its motion. Holds whole
 * GOPs, so that it always begins with a keyframe, and owns their packets. Not thread-safe.
 *
 * <p>Bounded in time: the oldest GOP leaves as soon as the next one alone reaches back far enough,
 * so what is held is the wanted time and less than one GOP more. Bounded in bytes: the oldest GOPs
 * leave even when they would be wanted. A GOP that alone is larger is given up as a whole, and
 * nothing is held until the next keyframe: without its keyframe the rest could not be decoded, and
 * its beginning could not be continued.
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

  /**
   * @param span how far back from the newest packet what is held should reach
   * @param maxBytes of the packets' data
   */
  PreRollBuffer(Duration span, long maxBytes) {
    this.spanMicros = span.toNanos() / 1000;
    this.maxBytes = maxBytes;
  }

  /**
   * Adds the stream's next packet; closes it at once when there is no keyframe before it.
   *
   * @return false when a GOP that is larger than the bound was given up
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

    while (gops.size() > 1 && (bytes > maxBytes || secondReachesBack(owned.ptsMicros()))) {
      evictOldest();
    }
    if (bytes > maxBytes) {
      evictOldest();
      return false;
    }
    return true;
  }

  private boolean secondReachesBack(long nowMicros) {
    Iterator<Gop> oldestFirst = gops.iterator();
    oldestFirst.next();
    return oldestFirst.next().beginMicros <= nowMicros - spanMicros;
  }

  private void evictOldest() {
    Gop oldest = gops.removeFirst();
    bytes -= oldest.bytes;
    oldest.close();
  }

  /**
   * The packets from the last keyframe at or before that time, or from the oldest one held, to the
   * newest. Empty when none is held.
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

  /** All packets held, oldest first; borrowed, valid until the next {@link #add}. */
  List<Packet> all() {
    return from(Long.MIN_VALUE);
  }

  /** Size of the packets held. */
  long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    while (!gops.isEmpty()) {
      evictOldest();
    }
  }
}
