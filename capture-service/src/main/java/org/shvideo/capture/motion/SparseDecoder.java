package org.shvideo.capture.motion;

import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_DEFAULT;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_NONREF;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.Packets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes as little of a stream as it takes to get the wanted number of frames per second. Owns the
 * decoder until closed. Not thread-safe.
 *
 * <p>If every wanted frame is a keyframe anyway, because the codec has no others or GOPs are short,
 * only those are decoded, each on its own. Otherwise all reference frames are decoded, and of the
 * others only the wanted ones; all without the deblocking filter, whose errors end with the GOP and
 * are far below what counts as change.
 *
 * <p>After a packet that cannot be decoded, all packets up to the next keyframe are skipped,
 * because they refer to it. That is logged at most once a second.
 */
final class SparseDecoder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SparseDecoder.class);

  private static final long LOG_INTERVAL_NANOS = 1_000_000_000;

  /** Consecutive GOPs shorter than the frame interval, after which only keyframes are decoded. */
  private static final int MIN_SHORT_GOPS = 10;

  /** A keyframe that takes longer after a damaged packet is missing. */
  private static final long MAX_BLIND_MICROS = 10_000_000;

  private static final long NONE = Long.MIN_VALUE;

  private final String camera;
  private final long intervalMicros;
  private final boolean intraOnly;
  private final Decoder decoder;

  private long nextDue = NONE;
  private long lastKeyframe = NONE;
  private int shortGops;
  private boolean awaitKeyframe = true;
  private long lastDecoded = NONE;
  private boolean referencesAreRare;
  private long nowMicros;
  private long damagedMicros = NONE;
  private long arrivalNanos;
  private long loggedNanos;
  private boolean logged;
  private int failures;

  /**
   * Opens the decoder.
   *
   * @param info borrowed during this call
   * @param minLongSide in pixels: a decoder that can reduce the size by itself, as that for MJPEG
   *     can, does so as long as the frames' longer side is at least this
   * @throws IllegalArgumentException if the stream cannot be decoded
   */
  SparseDecoder(String camera, StreamInfo info, double framesPerSecond, int minLongSide) {
    this.camera = camera;
    this.intervalMicros = Math.round(1_000_000 / framesPerSecond);
    boolean onlyKeyframes = Decoder.isIntraOnly(info.parameters());
    this.intraOnly = onlyKeyframes;
    try {
      this.decoder =
          new Decoder(
              info.parameters(),
              context -> {
                context.pkt_timebase().num(1).den(1_000_000); // frames have their packets' times
                context.thread_count(1);
                context.max_pixels(StreamInfo.MAX_PIXELS);
                context.skip_loop_filter(AVDISCARD_ALL);
                context.lowres(onlyKeyframes ? halvings(context, minLongSide) : 0);
              });
    } catch (FFmpegException e) {
      throw new IllegalArgumentException("Camera %s: %s".formatted(camera, e.getMessage()), e);
    }
  }

  private static int halvings(AVCodecContext context, int minLongSide) {
    int halvings = 0;
    int side = Math.max(context.width(), context.height());
    while (halvings < context.codec().max_lowres() && side >> (halvings + 1) >= minLongSide) {
      halvings++;
    }
    return halvings;
  }

  /** How many pixels of the stream a frame's pixel stands for, across and down. */
  int reduction() {
    return 1 << decoder.context().lowres();
  }

  /**
   * Takes the stream's next packet; then {@link #next} returns the frames that are due.
   *
   * @param packet borrowed during this call
   */
  void send(Packet packet) {
    arrivalNanos = packet.arrivalNanos();
    nowMicros = packet.dtsMicros();
    if (packet.keyframe()) {
      measureGop(packet.ptsMicros());
    }
    if (intraOnly || shortGops >= MIN_SHORT_GOPS) {
      if ((intraOnly || packet.keyframe()) && isDue(packet.ptsMicros())) {
        decode(packet);
        if (!awaitKeyframe) {
          decoder.drain(); // does not wait for more packets to reorder
        }
      } else {
        awaitKeyframe = true;
      }
    } else if (!awaitKeyframe || packet.keyframe()) {
      decode(packet);
    }
  }

  private void measureGop(long ptsMicros) {
    boolean isShort = lastKeyframe != NONE && ptsMicros - lastKeyframe <= intervalMicros;
    shortGops = isShort ? shortGops + 1 : 0;
    lastKeyframe = ptsMicros;
  }

  private void decode(Packet packet) {
    boolean needed = referencesAreRare && isDue(packet.ptsMicros());
    decoder.context().skip_frame(needed ? AVDISCARD_DEFAULT : AVDISCARD_NONREF);
    awaitKeyframe = false;
    if (packet.keyframe()) {
      damagedMicros = NONE;
    }
    if (!decoder.send(packet.data())) {
      failed();
    }
  }

  /**
   * Returns the next frame that is due.
   *
   * @return borrowed, valid until the next call; null if there is none yet
   */
  AVFrame next() {
    while (!awaitKeyframe) {
      switch (decoder.receive()) {
        case FRAME -> {
          long pts = decoder.frame().pts();
          if (decoder.isFrameDamaged()) {
            failed();
          } else if (pts != Packets.NO_TIMESTAMP) {
            measureDistance(pts);
            if (isDue(pts)) {
              nextDue = Math.max(nextDue + intervalMicros, pts + intervalMicros / 2);
              return decoder.frame();
            }
          }
        }
        case NEEDS_PACKET -> {
          return null;
        }
        case END -> {
          decoder.flush();
          awaitKeyframe = true;
        }
        case DAMAGED -> failed();
      }
    }
    return null;
  }

  /**
   * Decodes a keyframe on its own. Earlier packets are forgotten, and the next one must be a
   * keyframe. The decoder is reopened before and after, which takes a fraction of the time that the
   * frame does: a camera at rest then needs no memory for reference frames.
   *
   * @param keyframe borrowed during this call
   * @return borrowed, valid until the next call; null if it cannot be decoded alone
   */
  AVFrame decodeAlone(Packet keyframe) {
    reopen();
    boolean decoded = decoder.send(keyframe.data());
    if (decoded) {
      decoder.drain();
      decoded =
          decoder.receive() == Decoder.Received.FRAME
              && !decoder.isFrameDamaged()
              && decoder.frame().pts() != Packets.NO_TIMESTAMP;
    }
    reopen();
    return decoded ? decoder.frame() : null;
  }

  private void reopen() {
    try {
      decoder.reopen();
    } catch (FFmpegException e) {
      throw new IllegalStateException("Camera %s: %s".formatted(camera, e.getMessage()), e);
    }
    awaitKeyframe = true;
    lastDecoded = NONE;
  }

  /** Frees the memory of the last frame. */
  void releaseFrame() {
    decoder.releaseFrame();
  }

  /** Reports the analysis of a frame decoded alone; the next is due an interval later. */
  void markAnalysed(long ptsMicros) {
    nextDue = Math.max(nextDue, ptsMicros + intervalMicros / 2);
  }

  /** With B-frames there may be fewer reference frames than are wanted. */
  private void measureDistance(long ptsMicros) {
    referencesAreRare |=
        lastDecoded != NONE && ptsMicros - lastDecoded > intervalMicros + intervalMicros / 4;
    lastDecoded = ptsMicros;
  }

  /** A frame may be a tenth of the interval early, because times jitter. */
  private boolean isDue(long ptsMicros) {
    if (nextDue == NONE || ptsMicros < nextDue - 2 * intervalMicros) {
      nextDue = ptsMicros; // the stream's time stamps start again
    }
    return ptsMicros >= nextDue - intervalMicros / 10;
  }

  /** Whether nothing can be decoded because no keyframe has come for long. */
  boolean needsKeyframe() {
    return damagedMicros != NONE && nowMicros - damagedMicros > MAX_BLIND_MICROS;
  }

  private void failed() {
    failures++;
    awaitKeyframe = true;
    damagedMicros = damagedMicros == NONE ? nowMicros : damagedMicros;
    lastDecoded = NONE;
    decoder.flush();
    if (!logged || arrivalNanos - loggedNanos >= LOG_INTERVAL_NANOS) {
      LOG.warn(
          "Camera {}: {} packets could not be decoded. Motion detection resumes at the next"
              + " keyframe.",
          camera,
          failures);
      logged = true;
      loggedNanos = arrivalNanos;
      failures = 0;
    }
  }

  @Override
  public void close() {
    decoder.close();
  }
}
