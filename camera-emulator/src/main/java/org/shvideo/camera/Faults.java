package org.shvideo.camera;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** The faults that one camera shows. Thread-safe. */
public final class Faults {
  private final List<Fault> standing = new CopyOnWriteArrayList<>();
  private final List<OfOneStream> playing = new CopyOnWriteArrayList<>();

  public Faults(List<Fault> fromTheStart) {
    standing.addAll(fromTheStart);
  }

  public void inject(Fault fault) {
    if (fault instanceof Fault.StreamFault ofStream) {
      playing.forEach(stream -> stream.add(ofStream));
    } else {
      standing.add(fault);
    }
  }

  /** Ends all that holds; streams keep what has struck them. */
  public void clearFaults() {
    standing.clear();
    playing.forEach(stream -> stream.pending.clear());
  }

  /** The latest one of its kind, if one holds. */
  public <F extends Fault.ConnectionFault> Optional<F> standing(Class<F> kind) {
    return standing.stream().filter(kind::isInstance).map(kind::cast).reduce((a, b) -> b);
  }

  /** The faults of a stream that begins now; to be closed when it ends. */
  public OfOneStream ofNewStream() {
    OfOneStream stream = new OfOneStream();
    for (Fault fault : standing) {
      if (fault instanceof Fault.StreamFault ofStream) {
        stream.add(ofStream);
      }
    }
    playing.add(stream);
    return stream;
  }

  /** How many streams play. */
  public int streams() {
    return playing.size();
  }

  /** What one stream has still to suffer. {@link #before} is for the thread that sends it. */
  public final class OfOneStream implements AutoCloseable {
    private record Pending(long atUnit, Fault.StreamFault fault) {}

    private final Queue<Pending> pending = new ConcurrentLinkedQueue<>();
    private volatile long sent;

    private OfOneStream() {}

    private void add(Fault.StreamFault fault) {
      pending.add(new Pending(sent + fault.afterUnits(), fault));
    }

    /** What strikes before the unit of this number, from 0, is sent. */
    public List<Fault.StreamFault> before(long unit) {
      sent = unit;
      List<Fault.StreamFault> due =
          pending.stream().filter(p -> p.atUnit <= unit).map(Pending::fault).toList();
      pending.removeIf(p -> due.contains(p.fault));
      return due;
    }

    @Override
    public void close() {
      playing.remove(this);
    }
  }
}
