package org.shvideo.capture.motion;

import java.util.ArrayList;
import java.util.List;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;

/**
 * What a {@link StreamMotionDetector} told of one stream, from its first packet to its last.
 *
 * @param events in order
 * @param resting the share of packets during which only keyframes were decoded, 0 to 1
 */
public record MotionScan(List<Event> events, double resting) {
  /**
   * One motion. All times in seconds on the stream's own line.
   *
   * @param begin of its first moving frame
   * @param told when it became known; what came before is then in the pre-roll, or lost
   * @param end when it was over, or the stream was
   */
  public record Event(double begin, double told, double end) {}

  /**
   * Watches a stream, which is a file's, to its end without waiting for when its packets are due.
   *
   * @param stream at its beginning; remains the caller's
   * @throws StreamException when the file cannot be read to its end
   * @throws IllegalArgumentException where it cannot be decoded
   */
  public static MotionScan through(CameraStream stream, MotionSettings settings)
      throws StreamException {
    List<Event> events = new ArrayList<>();
    MotionState before = new MotionState(false, 0);
    double told = 0;
    double now = 0;
    int packets = 0;
    int atRest = 0;
    try (StreamMotionDetector watch = new StreamMotionDetector("file", stream.info(), settings)) {
      for (Packet next = stream.readAhead(); next != null; next = stream.readAhead()) {
        try (Packet packet = next) {
          MotionState motion = watch.accept(packet);
          now = packet.ptsMicros() / 1e6;
          packets++;
          atRest += watch.resting() ? 1 : 0;
          if (motion.moving() && !before.moving()) {
            told = now;
          } else if (!motion.moving() && before.moving()) {
            events.add(new Event(before.sinceMicros() / 1e6, told, now));
          }
          before = motion;
        }
      }
    }
    if (before.moving()) {
      events.add(new Event(before.sinceMicros() / 1e6, told, now));
    }
    return new MotionScan(List.copyOf(events), packets == 0 ? 0 : (double) atRest / packets);
  }
}
