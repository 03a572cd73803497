package org.shvideo.capture.motion;

import java.util.List;
import java.util.function.Supplier;
import org.shvideo.capture.motion.MotionScan.Event;
import org.shvideo.capture.stream.Packet;

/** The motion that a detector finds in a stream. */
final class DetectedMotion {
  private DetectedMotion() {}

  /** In packets that are closed one after the other, until the supplier returns null. */
  static List<Event> of(StreamMotionDetector detector, Supplier<Packet> packets) {
    MotionScan.Scanner scanner = new MotionScan.Scanner(detector);
    for (Packet next = packets.get(); next != null; next = packets.get()) {
      try (Packet packet = next) {
        scanner.accept(packet);
      }
    }
    return scanner.result().events();
  }

  /** In packets that remain the caller's. */
  static MotionScan of(StreamMotionDetector detector, Iterable<Packet> packets) {
    MotionScan.Scanner scanner = new MotionScan.Scanner(detector);
    packets.forEach(scanner::accept);
    return scanner.result();
  }

  /** In the first seconds of a drawn stream. */
  static List<Event> of(StreamMotionDetector detector, DrawnStream stream, double seconds) {
    return of(
        detector,
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
