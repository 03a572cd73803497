package org.shvideo.capture.stream;

import java.time.Duration;

/**
 * What a stream was seen to be like for some seconds; what a camera declares is often something
 * else.
 *
 * @param frames received
 * @param seconds from the first frame's time to the last's, on the stream's own line
 * @param bytes of all frames
 * @param keyframes among them
 * @param longestGopSeconds the longest time from one keyframe to the next that was seen; 0 while
 *     only one keyframe came
 * @param largestGopBytes the most bytes from one keyframe to the next that were seen
 * @param reordered whether frames are shown in another order than they come in (B-frames)
 */
public record StreamMeasurement(
    int frames,
    double seconds,
    long bytes,
    int keyframes,
    double longestGopSeconds,
    long largestGopBytes,
    boolean reordered) {

  /**
   * Reads the stream for so long, or to its end.
   *
   * @throws StreamException when it breaks off meanwhile
   */
  public static StreamMeasurement of(CameraStream stream, Duration length) throws StreamException {
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
          if (keyframes > 0) {
            longestGop = Math.max(longestGop, last - gopBegan);
            largestGop = Math.max(largestGop, gopBytes);
          }
          keyframes++;
          gopBegan = last;
          gopBytes = 0;
        }
        frames++;
        bytes += packet.size();
        gopBytes += packet.size();
        reordered |= packet.ptsMicros() != packet.dtsMicros();
      }
    }
    return new StreamMeasurement(
        frames,
        (last - first) / 1e6,
        bytes,
        keyframes,
        longestGop / 1e6,
        Math.max(largestGop, gopBytes),
        reordered);
  }

  /** Frames a second; 0 when it cannot be told. */
  public double framesPerSecond() {
    return seconds > 0 ? (frames - 1) / seconds : 0;
  }

  /** Megabits a second; 0 when it cannot be told. */
  public double megabitsPerSecond() {
    return seconds > 0 ? bytes * 8 / 1e6 / seconds : 0;
  }
}
