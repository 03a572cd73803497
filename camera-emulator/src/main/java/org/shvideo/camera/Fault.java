package org.shvideo.camera;

import java.time.Duration;
import org.shvideo.camera.media.EncodedVideo;

/**
 * Something that a camera does wrong on request.
 *
 * <p>A {@link ConnectionFault} is active until the camera's faults are cleared. A {@link
 * StreamFault} affects each stream once: set when the camera is built, every stream, counted from
 * its own beginning; injected later, the streams that are playing then, counted from there. A
 * <em>unit</em> is an access unit of RTSP or a picture of MJPEG.
 */
public sealed interface Fault {

  /** Length of a {@link Stall} that does not end. */
  Duration FOREVER = Duration.ofDays(36_500);

  /** Active until cleared. */
  sealed interface ConnectionFault extends Fault {}

  /** Refuses new connections; existing ones continue. */
  record RefuseConnections() implements ConnectionFault {}

  /**
   * Answers every request with this status: 401, 404, 503 …
   *
   * @param retryAfter value of the header of that name; empty for none
   */
  record ErrorResponse(int status, String retryAfter) implements ConnectionFault {
    public ErrorResponse(int status) {
      this(status, "");
    }
  }

  /** Accepts connections but never responds to a request. */
  record NoResponse() implements ConnectionFault {}

  /** Delays every response. */
  record DelayResponses(Duration by) implements ConnectionFault {}

  /** Affects a stream once. */
  sealed interface StreamFault extends Fault {

    /** The number of units that the stream sends before. */
    int afterUnits();
  }

  /** A stream fault that MJPEG cannot have. */
  sealed interface RtspFault extends StreamFault {}

  /**
   * Sends nothing while the connection stays open, and afterwards all overdue units at once, as
   * after network congestion.
   */
  record Stall(int afterUnits, Duration length) implements StreamFault {
    public Stall(int afterUnits) {
      this(afterUnits, FOREVER);
    }
  }

  /** Closes the connection without notice. */
  record Disconnect(int afterUnits) implements StreamFault {}

  /** Inserts random bytes between two units. */
  record Garbage(int afterUnits, int bytes) implements StreamFault {}

  /** Leaves out RTP packets, or pictures of MJPEG. */
  record DropPackets(int afterUnits, int packets) implements StreamFault {}

  /** Drops this share of all later packets, the same ones for the same seed. */
  record PacketLoss(int afterUnits, int percent, long seed) implements RtspFault {
    public PacketLoss {
      if (percent < 0 || percent > 100) {
        throw new IllegalArgumentException("Packet loss must be 0 to 100 %, not " + percent);
      }
    }
  }

  /**
   * Continues with the beginning of another video, like a camera whose resolution is changed. Later
   * clients get the new video from the start.
   */
  record SwitchVideo(int afterUnits, EncodedVideo to) implements RtspFault {}

  /** Shifts all later timestamps, back if negative. */
  record JumpTimestamp(int afterUnits, Duration by) implements RtspFault {}

  /** The next {@code units} units have the timestamp of the one before. */
  record RepeatTimestamp(int afterUnits, int units) implements RtspFault {}
}
