package org.shvideo.capture.motion;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.shvideo.capture.stream.Packet;

/**
 * One stretch of motion, in seconds of the stream.
 *
 * @param since its first frame, as told
 * @param told when it became known
 * @param end when it was over, or the last packet's time
 */
record Spell(double since, double told, double end) {

  /** Plays packets to a watch, closing them, until the supplier gives null. */
  static List<Spell> watch(StreamMotionDetector watch, Supplier<Packet> packets) {
    Packet[] last = new Packet[1];
    return of(
        watch,
        () -> {
          if (last[0] != null) {
            last[0].close();
          }
          last[0] = packets.get();
          return last[0];
        });
  }

  /** Plays packets that are still wanted afterwards. */
  static List<Spell> of(StreamMotionDetector watch, Supplier<Packet> packets) {
    List<Spell> spells = new ArrayList<>();
    double told = -1;
    double since = 0;
    double now = 0;
    for (Packet packet = packets.get(); packet != null; packet = packets.get()) {
      MotionState motion = watch.accept(packet);
      now = packet.ptsMicros() / 1e6;
      if (motion.moving() && told < 0) {
        told = now;
        since = motion.sinceMicros() / 1e6;
      } else if (!motion.moving() && told >= 0) {
        spells.add(new Spell(since, told, now));
        told = -1;
      }
    }
    if (told >= 0) {
      spells.add(new Spell(since, told, now));
    }
    return spells;
  }

  /** Plays the first seconds of a drawn stream. */
  static List<Spell> watch(StreamMotionDetector watch, DrawnStream stream, double seconds) {
    return watch(
        watch,
        () -> {
          Packet packet = stream.next();
          if (packet.ptsMicros() < seconds * 1e6) {
            return packet;
          }
          packet.close();
          return null;
        });
  }
}
