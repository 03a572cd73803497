package org.shvideo.capture.record;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.RecoveryPoint;

/**
 * The latest packets of a stream, kept so that a clip can start before its motion. Holds whole
 * GOPs, so that it always begins with a keyframe, and owns their packets. Not thread-safe.
 *
 * <p>A clip can begin with each GOP, but with gradual refresh the picture is complete only some
 * frames after the GOP's first: the GOP's <em>entry</em>. Of other GOPs the first frame is it.
 *
 * <p>Limited in time: the oldest GOP is dropped as soon as the next one reaches back far enough.
 * Limited in size: the oldest GOPs are dropped even if they reach back less. A GOP that alone is
 * too large is dropped as a whole, and nothing is kept until the next keyframe, because the rest
 * could not be decoded without its keyframe.
 */
final class PreRollBuffer implements AutoCloseable {
  private final long spanMicros;
  private final long maxBytes;
  private final int codec;
  private final Consumer<List<Packet>> unrecorded;
  private final Deque<Gop> gops = new ArrayDeque<>();
  private long bytes;

  /** A keyframe and the packets up to the next one. */
  private static final class Gop {
    final int incompleteFrames;
    final List<Packet> packets = new ArrayList<>();
    long entryMicros = Long.MAX_VALUE;
    long bytes;
    boolean recorded;

    Gop(int incompleteFrames) {
      this.incompleteFrames = incompleteFrames;
    }

    void add(Packet packet) {
      if (packets.size() == incompleteFrames) {
        entryMicros = packet.ptsMicros();
      }
      packets.add(packet);
      bytes += packet.size();
    }

    void close() {
      packets.forEach(Packet::close);
    }
  }

  /**
   * @param codec FFmpeg's number
   */
  PreRollBuffer(Duration span, long maxBytes, int codec) {
    this(span, maxBytes, codec, packets -> {});
  }

  /**
   * @param codec FFmpeg's number
   * @param unrecorded takes the packets that leave this without having been recorded, in order:
   *     whole GOPs, or the rest of one that is too large; borrowed, valid until it returns
   */
  PreRollBuffer(Duration span, long maxBytes, int codec, Consumer<List<Packet>> unrecorded) {
    this.unrecorded = unrecorded;
    this.spanMicros = span.toNanos() / 1000;
    this.maxBytes = maxBytes;
    this.codec = codec;
  }

  /** Adds the stream's next packet, or closes it if there is no keyframe before it. */
  void add(Packet owned) {
    add(owned, false);
  }

  /**
   * As {@link #add(Packet)}.
   *
   * @param recorded whether a clip has the packet
   */
  void add(Packet owned, boolean recorded) {
    if (owned.keyframe()) {
      gops.addLast(new Gop(RecoveryPoint.frames(codec, owned)));
    }
    Gop newest = gops.peekLast();
    if (newest == null) {
      if (!recorded) {
        unrecorded.accept(List.of(owned));
      }
      owned.close();
      return;
    }
    newest.add(owned);
    newest.recorded = recorded;
    bytes += owned.size();

    while (gops.size() > 1 && (bytes > maxBytes || secondGopSuffices(owned.ptsMicros()))) {
      dropOldest();
    }
    if (bytes > maxBytes) {
      dropOldest();
    }
  }

  private boolean secondGopSuffices(long nowMicros) {
    Iterator<Gop> oldestFirst = gops.iterator();
    oldestFirst.next();
    return oldestFirst.next().entryMicros <= nowMicros - spanMicros;
  }

  private void dropOldest() {
    passOn(gops.getFirst());
    Gop oldest = gops.removeFirst();
    bytes -= oldest.bytes;
    oldest.close();
  }

  /** Passes what was not recorded on, up to a packet with which a GOP begins. */
  void passOnUntil(Packet packet) {
    for (Gop gop : gops) {
      if (gop.packets.get(0).equals(packet)) {
        return;
      }
      passOn(gop);
    }
  }

  private void passOn(Gop gop) {
    if (!gop.recorded) {
      gop.recorded = true;
      unrecorded.accept(gop.packets);
    }
  }

  /** Says that a clip has all packets. */
  void markRecorded() {
    gops.forEach(gop -> gop.recorded = true);
  }

  /** Corrects the times of all packets. */
  void retime(LongUnaryOperator time) {
    for (Gop gop : gops) {
      gop.packets.replaceAll(packet -> packet.retimed(time));
      gop.entryMicros = time.applyAsLong(gop.entryMicros);
    }
  }

  /** Whether the next packet is an entry, with which one clip may end and another begin. */
  boolean isEntry(Packet next) {
    if (next.keyframe()) {
      return RecoveryPoint.frames(codec, next) == 0;
    }
    Gop newest = gops.peekLast();
    return newest != null && newest.packets.size() == newest.incompleteFrames;
  }

  /** The packets of the newest GOP before an entry; borrowed, valid until the next {@link #add}. */
  List<Packet> beforeEntry(Packet entry) {
    return entry.keyframe() ? List.of() : gops.getLast().packets;
  }

  /** The length of the newest GOP as yet; {@link Long#MAX_VALUE} if it was dropped. */
  long gopMicros(long nowMicros) {
    Gop newest = gops.peekLast();
    return newest == null ? Long.MAX_VALUE : nowMicros - newest.packets.get(0).ptsMicros();
  }

  /**
   * The packets of all GOPs since the last entry at or before a time, or since the oldest one kept.
   * May be empty.
   *
   * @return borrowed, valid until the next {@link #add}
   */
  List<Packet> from(long ptsMicros) {
    List<Packet> found = new ArrayList<>();
    for (Gop gop : gops) {
      if (gop.entryMicros <= ptsMicros) {
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
