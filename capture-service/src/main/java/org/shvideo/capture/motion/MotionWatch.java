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
public final class MotionWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MotionWatch.class);

  private final String camera;
  private final MotionSettings settings;
  private final SparseDecoder decoder;
  private MotionGate gate;
  private MotionDetector detector;
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
  public MotionWatch(String camera, StreamInfo info, MotionSettings settings) {
    this.camera = camera;
    this.settings = settings;
    this.decoder =
        new SparseDecoder(
            camera, info, settings.framesPerSecond(), MotionDetector.LARGEST_LONG_SIDE);
    this.gate = new MotionGate(settings);
  }

  /**
   * Takes the stream's next packet, in the order of decoding. One that cannot be decoded is told in
   * the log, at most once a second, and changes nothing else.
   *
   * @param borrowed not kept beyond this call
   * @return what is known after it
   */
  public Motion accept(Packet borrowed) {
    decoder.send(borrowed);
    for (AVFrame frame = decoder.next(); frame != null; frame = decoder.next()) {
      if (frame.width() != width || frame.height() != height || frame.format() != format) {
        restart(frame);
      }
      if (detector != null) {
        detector.learn(gate.accept(detector.look(frame, frame.pts())));
      }
    }
    return gate.at(borrowed.ptsMicros());
  }

  /** Frames are of another kind from now on: what was learnt is void. */
  private void restart(AVFrame frame) {
    closeDetector();
    width = frame.width();
    height = frame.height();
    format = frame.format();
    gate = new MotionGate(settings);
    if (Luma.isReadable(frame)) {
      int reduction = decoder.reduction();
      detector = new MotionDetector(width * reduction, height * reduction, settings);
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
    decoder.close();
  }
}
