package org.shvideo.camera;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The faults that one stream is still to have; to be closed with the stream. {@link #due} is for
 * the sending thread, everything else is thread-safe.
 */
public final class StreamFaults implements AutoCloseable {
  private record Pending(long atUnit, Fault.StreamFault fault) {}

  private final Consumer<StreamFaults> onClose;
  private final Queue<Pending> pending = new ConcurrentLinkedQueue<>();
  private volatile long unit;

  StreamFaults(Consumer<StreamFaults> onClose) {
    this.onClose = onClose;
  }

  void add(Fault.StreamFault fault) {
    pending.add(new Pending(unit + fault.afterUnits(), fault));
  }

  void clear() {
    pending.clear();
  }

  /** Removes and returns the faults that precede the unit of this number, from 0. */
  public List<Fault.StreamFault> due(long number) {
    unit = number;
    List<Pending> due = pending.stream().filter(p -> p.atUnit <= number).toList();
    pending.removeAll(due);
    return due.stream().map(Pending::fault).toList();
  }

  @Override
  public void close() {
    onClose.accept(this);
  }
}
