package org.shvideo.capture.motion;

import static org.bytedeco.ffmpeg.global.avutil.av_get_pix_fmt_name;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one connection to one camera for motion. Not thread-safe; holds some megabytes of native
 * memory until closed.
 *
 * <p>Make a new one for each connection: it learns the picture anew.
 */
public final class StreamMotionDetector implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamMotionDetector.class);

  /**
   * Nothing that changes less of the picture can be more than a {@linkplain FrameChange region}.
   */
  private static final double CALM_SHARE = MotionStateMachine.WHOLE_PICTURE / 2;

  private final String camera;
  private final MotionSettings settings;
  private final SparseDecoder decoder;
  private final DecodePolicy suspicion;
  private MotionStateMachine gate;
  private FrameMotionDetector detector;
  private int width;
  private int height;
  private int format;

  /**
   * Opens the decoder.
   *
   * @param camera its name, for messages
   * @param info borrowed for the length of this call
   * @throws IllegalArgumentException where the stream cannot be decoded
   */
  public StreamMotionDetector(String camera, StreamInfo info, MotionSettings settings) {
    this.camera = camera;
    this.settings = settings;
    this.decoder =
        new SparseDecoder(
            camera, info, settings.framesPerSecond(), FrameMotionDetector.LARGEST_LONG_SIDE);
    this.suspicion =
        new DecodePolicy(
            Math.round(1_000_000 / settings.framesPerSecond()),
            settings.minArea(),
            settings.decode() == MotionSettings.Decode.SUSPICIOUS);
    this.gate = new MotionStateMachine(settings);
  }

  /**
   * Takes the stream's next packet, in the order of decoding. One that cannot be decoded is told in
   * the log, at most once a second, and changes nothing else.
   *
   * @param borrowed not kept beyond this call
   * @return what is known after it
   */
  public MotionState accept(Packet borrowed) {
    long known = borrowed.ptsMicros();
    switch (suspicion.accept(borrowed)) {
      case FOLLOWING -> follow(borrowed);
      case RESTING -> {
        if (borrowed.keyframe()) {
          glance(borrowed);
        }
      }
      case CATCHING_UP -> {}
    }
    for (Packet next = suspicion.next(); next != null; next = suspicion.next()) {
      try (Packet kept = next) {
        follow(kept);
        known = kept.ptsMicros();
      }
    }
    MotionState motion = gate.at(known);
    suspicion.told(motion);
    return motion;
  }

  /** Whether nothing but keyframes is decoded now. */
  public boolean resting() {
    return suspicion.state() == DecodePolicy.State.RESTING;
  }

  private void follow(Packet borrowed) {
    decoder.send(borrowed);
    for (AVFrame frame = decoder.next(); frame != null; frame = decoder.next()) {
      prepare(frame);
      if (detector != null) {
        FrameChange reading = detector.look(frame, frame.pts());
        detector.learn(gate.accept(reading));
        if (gate.counts(reading)) {
          suspicion.stirred(reading);
        }
      }
    }
  }

  /** Looks at a keyframe by itself, and takes it in only where it is calm. */
  private void glance(Packet keyframe) {
    AVFrame frame = decoder.decodeAlone(keyframe);
    if (frame == null) {
      suspicion.looked(false, false);
      return;
    }
    prepare(frame);
    boolean calm = true;
    if (detector != null) {
      FrameChange reading = detector.glance(frame, frame.pts());
      calm = reading.largestArea() == 0 && reading.changedShare() < CALM_SHARE;
      if (calm) {
        detector.learn(gate.accept(reading));
        decoder.markAnalysed(frame.pts());
      }
    }
    decoder.releaseFrame();
    suspicion.looked(true, calm);
  }

  private void prepare(AVFrame frame) {
    if (frame.width() != width || frame.height() != height || frame.format() != format) {
      restart(frame);
    }
  }

  /** Frames are of another kind from now on: what was learnt is void. */
  private void restart(AVFrame frame) {
    closeDetector();
    width = frame.width();
    height = frame.height();
    format = frame.format();
    gate = new MotionStateMachine(settings);
    if (LumaScaler.isReadable(frame)) {
      int reduction = decoder.reduction();
      detector = new FrameMotionDetector(width * reduction, height * reduction, settings);
    } else {
      try (BytePointer name = av_get_pix_fmt_name(format)) {
        log.warn(
            "camera {}: pictures of format {} cannot be looked at, so no motion will be seen;"
                + " choose another codec in the camera",
            camera,
            name == null ? format : name.getString());
      }
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
    suspicion.close();
    decoder.close();
  }
}
