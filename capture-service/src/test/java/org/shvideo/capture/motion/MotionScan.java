package org.shvideo.capture.motion;

import java.util.ArrayList;
import java.util.List;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;

/**
 * The motion in one stream, from its first packet to its last.
 *
 * @param events in order
 * @param restingShare the share of packets during which only keyframes were decoded, 0 to 1
 */
record MotionScan(List<Event> events, double restingShare) {
  /**
   * One motion. All times in seconds of the stream.
   *
   * @param begin of its first moving frame
   * @param detected when it was detected; earlier packets are then in the pre-roll, or lost
   * @param end of the motion, or of the stream
   */
  record Event(double begin, double detected, double end) {}

  /**
   * Scans a file to its end, as fast as it can be read.
   *
   * @param stream at its beginning; remains the caller's
   * @throws StreamException if the file cannot be read to its end
   * @throws IllegalArgumentException if it cannot be decoded
   */
  static MotionScan of(CameraStream stream, MotionSettings settings) throws StreamException {
    try (StreamMotionDetector detector =
        new StreamMotionDetector("file", stream.info(), settings)) {
      Scanner scanner = new Scanner(detector);
      for (Packet next = stream.readUnpaced(); next != null; next = stream.readUnpaced()) {
        try (Packet packet = next) {
          scanner.accept(packet);
        }
      }
      return scanner.result();
    }
  }

  /** Scans packet by packet. Not thread-safe. */
  static final class Scanner {
    private final StreamMotionDetector detector;
    private final List<Event> events = new ArrayList<>();
    private MotionState state = new MotionState(false, 0);
    private double detected;
    private double now;
    private int packets;
    private int resting;

    Scanner(StreamMotionDetector detector) {
      this.detector = detector;
    }

    void accept(Packet borrowed) {
      MotionState before = state;
      state = detector.accept(borrowed);
      now = borrowed.ptsMicros() / 1e6;
      packets++;
      resting += detector.isResting() ? 1 : 0;
      if (state.moving() && !before.moving()) {
        detected = now;
      } else if (!state.moving() && before.moving()) {
        events.add(new Event(before.sinceMicros() / 1e6, detected, now));
      }
    }

    MotionScan result() {
      List<Event> all = new ArrayList<>(events);
      if (state.moving()) {
        all.add(new Event(state.sinceMicros() / 1e6, detected, now));
      }
      return new MotionScan(List.copyOf(all), packets == 0 ? 0 : (double) resting / packets);
    }
  }
}
