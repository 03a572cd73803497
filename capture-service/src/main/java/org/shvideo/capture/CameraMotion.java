package org.shvideo.capture;

import java.util.Optional;
import org.shvideo.capture.SubStream.Seen;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.motion.StreamMotionDetector;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The motion in front of a camera during one connection to its main stream: as the sub-stream shows
 * it, if there is one, and while that cannot be had, as the main stream does, which is decoded then
 * alone. Owns the decoder of the main stream, and runs the sub-stream, until closed. Not
 * thread-safe.
 */
final class CameraMotion implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CameraMotion.class);

  private final Camera camera;
  private final StreamInfo info;
  private final Optional<SubStream> subStream;
  private final CameraStatus status;

  /** Null while the sub-stream is used. */
  private StreamMotionDetector detector;

  private boolean resting;
  private long sinceNanos;
  private long sinceMicros;

  /**
   * @param info of the main stream; used until this is closed
   */
  CameraMotion(Camera camera, StreamInfo info, Optional<SubStream> subStream, CameraStatus status) {
    this.camera = camera;
    this.info = info;
    this.subStream = subStream;
    this.status = status;
  }

  /** Opens what motion is to be detected in. */
  void start() {
    subStream.ifPresentOrElse(sub -> sub.start(info), this::decodeMainStream);
  }

  /**
   * Takes the main stream's next packet.
   *
   * @param borrowed not kept beyond this call
   * @return the state after it, in the main stream's time
   */
  MotionState accept(Packet borrowed) {
    if (subStream.isPresent()) {
      Optional<Seen> seen = subStream.get().seen(borrowed.arrivalNanos());
      if (seen.isPresent() && (detector == null || seen.get().learnt())) {
        useSubStream();
        return state(seen.get(), borrowed);
      }
      if (detector == null) {
        String problem = subStream.get().problem();
        LOG.warn(
            "Camera {}: detecting motion in the main stream, because the sub-stream cannot be had:"
                + " {}",
            camera.name(),
            problem);
        status.subStreamMissing(problem);
        decodeMainStream();
      }
    }
    MotionState motion = detector.accept(borrowed);
    resting = detector.isResting();
    return motion;
  }

  private void decodeMainStream() {
    detector = new StreamMotionDetector(camera.name(), info, camera.motion());
  }

  private void useSubStream() {
    if (detector != null) {
      LOG.info("Camera {}: detecting motion in the sub-stream again.", camera.name());
      status.subStreamMissing("");
      detector.close();
      detector = null;
    }
  }

  /** A motion keeps the time at which it was noted. */
  private MotionState state(Seen seen, Packet packet) {
    resting = seen.resting();
    if (seen.moving() && seen.sinceNanos() != sinceNanos) {
      sinceNanos = seen.sinceNanos();
      sinceMicros = packet.dtsMicros() - (packet.arrivalNanos() - sinceNanos) / 1000;
    }
    return new MotionState(seen.moving(), sinceMicros);
  }

  /** Whether only keyframes are decoded now. */
  boolean isResting() {
    return resting;
  }

  /**
   * Whether the main stream is to show motion and cannot, because no keyframe has come for long.
   */
  boolean needsKeyframe() {
    return detector != null && detector.needsKeyframe();
  }

  @Override
  public void close() {
    subStream.ifPresent(SubStream::close);
    if (detector != null) {
      detector.close();
    }
  }
}
