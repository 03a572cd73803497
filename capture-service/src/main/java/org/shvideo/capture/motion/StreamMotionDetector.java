package org.shvideo.capture.motion;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.ffmpeg.LumaPlane;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects motion in the packets of one connection to one camera, each connection with a detector of
 * its own. Not thread-safe; holds some megabytes of native memory until closed.
 */
public final class StreamMotionDetector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamMotionDetector.class);

  /** From this changed share on, a keyframe may show a change of the whole picture. */
  private static final double MAX_UNCHANGED_SHARE = MotionStateMachine.WHOLE_PICTURE_SHARE / 2;

  private final String camera;
  private final MotionSettings settings;
  private final SparseDecoder decoder;
  private final DecodePolicy policy;
  private MotionStateMachine stateMachine;
  private FrameMotionDetector detector;
  private int width;
  private int height;
  private int format;

  /**
   * Opens the decoder.
   *
   * @param camera its name, for messages
   * @param info borrowed during this call
   * @throws IllegalArgumentException if the stream cannot be decoded
   */
  public StreamMotionDetector(String camera, StreamInfo info, MotionSettings settings) {
    this.camera = camera;
    this.settings = settings;
    this.decoder =
        new SparseDecoder(camera, info, settings.framesPerSecond(), FrameMotionDetector.MAX_SIDE);
    int minArea = settings.minArea().pixels(info.width(), info.height());
    this.policy =
        new DecodePolicy(
            Math.round(1_000_000 / settings.framesPerSecond()),
            minArea,
            settings.decode() == MotionSettings.Decode.SUSPICIOUS);
    this.stateMachine = new MotionStateMachine(settings, minArea);
  }

  /**
   * Takes the stream's next packet, in decoding order. A packet that cannot be decoded is logged,
   * at most once a second, and otherwise ignored.
   *
   * @param borrowed not kept beyond this call
   * @return the motion state after it
   */
  public MotionState accept(Packet borrowed) {
    long analysedMicros = borrowed.ptsMicros();
    switch (policy.accept(borrowed)) {
      case DECODING -> decode(borrowed);
      case RESTING -> {
        if (borrowed.keyframe()) {
          decodeKeyframe(borrowed);
        }
      }
      case CATCHING_UP -> {}
    }
    for (Packet next = policy.nextKept(); next != null; next = policy.nextKept()) {
      try (Packet kept = next) {
        decode(kept);
        analysedMicros = kept.ptsMicros();
      }
    }
    MotionState motion = stateMachine.at(analysedMicros);
    policy.motionState(motion);
    return motion;
  }

  /** Whether only keyframes are decoded now. */
  public boolean isResting() {
    return policy.state() == DecodePolicy.State.RESTING;
  }

  /** Whether motion cannot be detected, because no keyframe has come since a damaged packet. */
  public boolean needsKeyframe() {
    return decoder.needsKeyframe();
  }

  private void decode(Packet borrowed) {
    decoder.send(borrowed);
    for (AVFrame frame = decoder.next(); frame != null; frame = decoder.next()) {
      prepare(frame);
      if (detector != null) {
        FrameChange change = detector.analyse(frame, frame.pts());
        detector.updateBackground(stateMachine.accept(change));
        if (stateMachine.mayBeMotion(change)) {
          policy.possibleMotion(change);
        }
      }
    }
  }

  /** Decodes a keyframe on its own, and updates the background only if it shows no change. */
  private void decodeKeyframe(Packet keyframe) {
    AVFrame frame = decoder.decodeAlone(keyframe);
    if (frame == null) {
      policy.keyframeAnalysed(false, false);
      return;
    }
    prepare(frame);
    boolean unchanged = true;
    if (detector != null) {
      FrameChange change = detector.analyseSensitively(frame, frame.pts());
      unchanged = change.largestArea() == 0 && change.changedShare() < MAX_UNCHANGED_SHARE;
      if (unchanged) {
        detector.updateBackground(stateMachine.accept(change));
        decoder.markAnalysed(frame.pts());
      }
    }
    decoder.releaseFrame();
    policy.keyframeAnalysed(true, unchanged);
  }

  /** If the frame format has changed, the background must be learnt again. */
  private void prepare(AVFrame frame) {
    if (frame.width() == width && frame.height() == height && frame.format() == format) {
      return;
    }
    closeDetector();
    width = frame.width();
    height = frame.height();
    format = frame.format();
    int reduction = decoder.reduction();
    stateMachine =
        new MotionStateMachine(
            settings, settings.minArea().pixels(width * reduction, height * reduction));
    if (LumaScaler.isReadable(frame)) {
      detector = new FrameMotionDetector(width * reduction, height * reduction, settings);
    } else {
      LOG.warn(
          "Camera {}: pixel format {} is not supported, so motion cannot be detected. Choose"
              + " another codec in the camera's settings.",
          camera,
          LumaPlane.formatName(format));
    }
  }

  private void closeDetector() {
    if (detector != null) {
      detector.close();
      detector = null;
    }
  }

  @Override
  public void close() {
    closeDetector();
    policy.close();
    decoder.close();
  }
}
