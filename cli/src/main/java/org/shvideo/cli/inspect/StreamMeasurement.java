package org.shvideo.cli.inspect;

import java.time.Duration;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;

/**
 * Properties of a stream, measured over some seconds; what a camera declares is often different.
 *
 * @param seconds from the first frame to the last, in the stream's time
 * @param framesPerSecond 0 if unknown, as the next
 * @param keyframes received
 * @param longestGopSeconds longest time from one keyframe to the next; 0 if there was only one
 * @param largestGopBytes size of the largest GOP
 * @param reordered whether frames arrive in another order than they are shown in (B-frames)
 */
record StreamMeasurement(
    double seconds,
    double framesPerSecond,
    double megabitsPerSecond,
    int keyframes,
    double longestGopSeconds,
    long largestGopBytes,
    boolean reordered) {

  /** Reads a stream for a time, or to its end; fails with it. */
  static StreamMeasurement of(CameraStream stream, Duration length) throws StreamException {
    long end = System.nanoTime() + length.toNanos();
    int frames = 0;
    long bytes = 0;
    int keyframes = 0;
    long longestGop = 0;
    long largestGop = 0;
    boolean reordered = false;
    long first = 0;
    long last = 0;
    long gopBegan = 0;
    long gopBytes = 0;
    while (System.nanoTime() < end) {
      try (Packet packet = stream.read()) {
        if (packet == null) {
          break;
        }
        last = packet.dtsMicros();
        first = frames == 0 ? last : first;
        if (packet.keyframe()) {
          longestGop = keyframes == 0 ? 0 : Math.max(longestGop, last - gopBegan);
          keyframes++;
          gopBegan = last;
          gopBytes = 0;
        }
        frames++;
        bytes += packet.size();
        gopBytes += packet.size();
        largestGop = Math.max(largestGop, gopBytes);
        reordered |= packet.ptsMicros() != packet.dtsMicros();
      }
    }
    double seconds = (last - first) / 1e6;
    return new StreamMeasurement(
        seconds,
        seconds > 0 ? (frames - 1) / seconds : 0,
        seconds > 0 ? bytes * 8 / 1e6 / seconds : 0,
        keyframes,
        longestGop / 1e6,
        largestGop,
        reordered);
  }
}
