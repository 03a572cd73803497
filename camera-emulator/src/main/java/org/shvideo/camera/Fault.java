package org.shvideo.camera;

import java.time.Duration;
import org.shvideo.camera.media.EncodedVideo;

/**
 * What a camera can be made to do wrong.
 *
 * <p>A fault of a connection holds from when it is asked for until the camera is healed. A fault of
 * a stream strikes each stream once: asked for when the camera is built, every stream from its own
 * beginning; injected later, those that play then, counted from there. A <em>unit</em> is an access
 * unit of RTSP, a picture of MJPEG.
 */
public sealed interface Fault {

  /** Length of a {@link Stall} that no test outlives. */
  Duration FOREVER = Duration.ofDays(36_500);

  /** Holds until healed. */
  sealed interface ConnectionFault extends Fault {}

  /** Nobody listens; connections that stand go on. */
  record RefuseConnections() implements ConnectionFault {}

  /** Every request is answered with this status: 401, 404, 503 … */
  record ErrorResponse(int status) implements ConnectionFault {}

  /** Connections are accepted, and no request is ever answered. */
  record NoResponse() implements ConnectionFault {}

  /** Every answer comes late. */
  record DelayResponses(Duration by) implements ConnectionFault {}

  /** Strikes a stream once. */
  sealed interface StreamFault extends Fault {

    /** How many units the stream still sends before. */
    int afterUnits();
  }

  /**
   * Sends nothing while the connection stands; what was due in between follows at once, as after a
   * jam of the network.
   */
  record Stall(int afterUnits, Duration length) implements StreamFault {
    public Stall(int afterUnits) {
      this(afterUnits, FOREVER);
    }
  }

  /** Closes the connection without a word. */
  record Disconnect(int afterUnits) implements StreamFault {}

  /** Puts bytes that mean nothing between two units. */
  record Garbage(int afterUnits, int bytes) implements StreamFault {}

  /** Leaves out packets (of MJPEG: pictures). */
  record DropPackets(int afterUnits, int packets) implements StreamFault {}

  /**
   * From there on leaves out this share of all packets, the same ones for the same seed, as a bad
   * radio link does. RTSP only.
   */
  record PacketLoss(int afterUnits, int percent, long seed) implements StreamFault {
    public PacketLoss {
      if (percent < 0 || percent > 100) {
        throw new IllegalArgumentException("a share of " + percent + " %");
      }
    }
  }

  /**
   * Goes on with the beginning of another video, as a camera whose resolution was changed: those
   * who connect later are given the new one. RTSP only.
   */
  record SwitchVideo(int afterUnits, EncodedVideo to) implements StreamFault {}

  /** From there on all time stamps are off by so much, back if negative. RTSP only. */
  record JumpTimestamp(int afterUnits, Duration by) implements StreamFault {}

  /** The next {@code units} units bear the time stamp of the one before. RTSP only. */
  record RepeatTimestamp(int afterUnits, int units) implements StreamFault {}
}
