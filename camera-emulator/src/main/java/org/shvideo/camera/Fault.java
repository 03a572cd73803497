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
  sealed interface OfConnection extends Fault {}

  /** Nobody listens; connections that stand go on. */
  record RefuseConnections() implements OfConnection {}

  /** Every request is answered with this status: 401, 404, 503 … */
  record Answer(int status) implements OfConnection {}

  /** Connections are accepted, and no request is ever answered. */
  record StaySilent() implements OfConnection {}

  /** Every answer comes late. */
  record DelayAnswers(Duration by) implements OfConnection {}

  /** Strikes a stream once. */
  sealed interface OfStream extends Fault {

    /** How many units the stream still sends before. */
    int afterUnits();
  }

  /**
   * Sends nothing while the connection stands; what was due in between follows at once, as after a
   * jam of the network.
   */
  record Stall(int afterUnits, Duration length) implements OfStream {
    public Stall(int afterUnits) {
      this(afterUnits, FOREVER);
    }
  }

  /** Closes the connection without a word. */
  record Drop(int afterUnits) implements OfStream {}

  /** Puts bytes that mean nothing between two units. */
  record Garbage(int afterUnits, int bytes) implements OfStream {}

  /** Leaves out packets (of MJPEG: pictures). */
  record LosePackets(int afterUnits, int packets) implements OfStream {}

  /**
   * From there on leaves out this share of all packets, the same ones for the same seed, as a bad
   * radio link does. RTSP only.
   */
  record LoseShare(int afterUnits, int percent, long seed) implements OfStream {
    public LoseShare {
      if (percent < 0 || percent > 100) {
        throw new IllegalArgumentException("a share of " + percent + " %");
      }
    }
  }

  /**
   * Goes on with the beginning of another video, as a camera whose resolution was changed: those
   * who connect later are given the new one. RTSP only.
   */
  record SwitchVideo(int afterUnits, EncodedVideo to) implements OfStream {}

  /** From there on all time stamps are off by so much, back if negative. RTSP only. */
  record JumpTime(int afterUnits, Duration by) implements OfStream {}

  /** The next {@code units} units bear the time stamp of the one before. RTSP only. */
  record RepeatTime(int afterUnits, int units) implements OfStream {}
}
