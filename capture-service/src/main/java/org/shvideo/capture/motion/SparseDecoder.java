package org.shvideo.capture.motion;

import static org.bytedeco.ffmpeg.avutil.AVFrame.AV_FRAME_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_DEFAULT;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_NONREF;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_PROP_INTRA_ONLY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_ref;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_descriptor_get;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_flush_buffers;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_copy;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.PointerPointer;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes as little of a stream as gives the wanted number of frames a second. Not thread-safe.
 *
 * <p>Where each wanted frame is a keyframe anyway, because the codec knows nothing else or the GOPs
 * are short, only those are decoded, each on its own. Otherwise all frames are decoded that others
 * refer to, and of those that none refers to only the wanted; all without the deblocking filter,
 * whose errors end with the GOP and are far below what counts as change.
 *
 * <p>What cannot be decoded is skipped up to the next keyframe, because what follows refers to it,
 * and is told at most once a second.
 */
final class SparseDecoder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SparseDecoder.class);

  private static final long TELL_EVERY_NANOS = 1_000_000_000;

  /** So many short GOPs in a row are taken for the camera's habit. */
  private static final int SHORT_GOPS = 10;

  private static final long NONE = Long.MIN_VALUE;

  private final String camera;
  private final long intervalMicros;
  private final boolean intraOnly;
  private final AVCodec codec;
  private final int lowres;
  private final AVCodecParameters parameters = avcodec_parameters_alloc();
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();

  private AVCodecContext context;

  private long nextLook = NONE;
  private long lastKeyframe = NONE;
  private int shortGops;
  private boolean awaitKeyframe = true;
  private boolean alone;
  private long lastDecoded = NONE;
  private boolean referencesAreRare;
  private long arrivalNanos;
  private long toldNanos;
  private int failures;
  private boolean told;

  /**
   * Opens the decoder.
   *
   * @param info borrowed for the length of this call
   * @param leastSide frames may be decoded at a reduced size that is at least this long
   * @throws IllegalArgumentException where the stream cannot be decoded
   */
  SparseDecoder(String camera, StreamInfo info, double framesPerSecond, int leastSide) {
    this.camera = camera;
    this.intervalMicros = Math.round(1_000_000 / framesPerSecond);
    AVCodec codec = avcodec_find_decoder(info.parameters().codec_id());
    if (codec == null) {
      throw new IllegalArgumentException(
          "camera " + camera + ": there is no decoder for its codec " + info.codec());
    }
    this.intraOnly = (avcodec_descriptor_get(codec.id()).props() & AV_CODEC_PROP_INTRA_ONLY) != 0;
    this.codec = codec;
    this.lowres = intraOnly ? reduction(info, codec, leastSide) : 0;
    avcodec_parameters_copy(parameters, info.parameters());
    int result = open();
    if (result < 0) {
      close();
      throw new IllegalArgumentException(
          "camera %s: the decoder for %s does not open (FFmpeg error %d)"
              .formatted(camera, info.codec(), result));
    }
  }

  private int open() {
    context = avcodec_alloc_context3(codec);
    int result = avcodec_parameters_to_context(context, parameters);
    if (result >= 0) {
      try (AVRational micros = av_make_q(1, 1_000_000)) {
        context.pkt_timebase(micros);
      }
      context.thread_count(1);
      context.skip_loop_filter(AVDISCARD_ALL);
      context.lowres(lowres);
      result = avcodec_open2(context, codec, (PointerPointer<?>) null);
    }
    return result;
  }

  /** How often the size can be halved by the decoder itself, as that for MJPEG can. */
  private static int reduction(StreamInfo info, AVCodec codec, int leastSide) {
    int halvings = 0;
    int side = Math.max(info.width(), info.height());
    while (halvings < codec.max_lowres() && side >> (halvings + 1) >= leastSide) {
      halvings++;
    }
    return halvings;
  }

  /** How many pixels of the stream a frame's pixel stands for, across and down. */
  int reduction() {
    return 1 << lowres;
  }

  /** Takes the stream's next packet; {@link #next} then gives what there is to look at. */
  void send(Packet next) {
    arrivalNanos = next.arrivalNanos();
    if (next.keyframe()) {
      measureGop(next.ptsMicros());
    }
    alone = intraOnly || shortGops >= SHORT_GOPS;
    if (alone) {
      if ((intraOnly || next.keyframe()) && isDue(next.ptsMicros())) {
        decode(next);
      } else {
        awaitKeyframe = true;
      }
    } else if (!awaitKeyframe || next.keyframe()) {
      decode(next);
    }
  }

  private void measureGop(long ptsMicros) {
    boolean isShort = lastKeyframe != NONE && ptsMicros - lastKeyframe <= intervalMicros;
    shortGops = isShort ? shortGops + 1 : 0;
    lastKeyframe = ptsMicros;
  }

  private void decode(Packet next) {
    boolean needed = referencesAreRare && isDue(next.ptsMicros());
    context.skip_frame(needed ? AVDISCARD_DEFAULT : AVDISCARD_NONREF);
    awaitKeyframe = false;
    if (send(next, alone) < 0) {
      failed();
    }
  }

  /**
   * Hands a packet to the decoder.
   *
   * @param drain not to wait for more to reorder; the decoder has to be flushed afterwards
   */
  private int send(Packet next, boolean drain) {
    int result = av_packet_ref(packet, next.data());
    if (result >= 0) {
      // In microseconds, so that the frame comes out with the packet's own time.
      packet.pts(next.ptsMicros());
      packet.dts(next.dtsMicros());
      result = avcodec_send_packet(context, packet);
      av_packet_unref(packet);
      if (result >= 0 && drain) {
        result = avcodec_send_packet(context, (AVPacket) null);
      }
    }
    return result;
  }

  /**
   * The next frame to look at.
   *
   * @return borrowed, valid until the next call; null where there is none yet
   */
  AVFrame next() {
    while (!awaitKeyframe) {
      int result = avcodec_receive_frame(context, frame);
      if (result == AVERROR_EOF()) {
        avcodec_flush_buffers(context);
        awaitKeyframe = true;
      } else if (result == AVERROR_EAGAIN()) {
        return null;
      } else if (result < 0 || isBroken()) {
        failed();
      } else if (frame.pts() != AV_NOPTS_VALUE) {
        measureDistance(frame.pts());
        if (isDue(frame.pts())) {
          nextLook = Math.max(nextLook + intervalMicros, frame.pts() + intervalMicros / 2);
          return frame;
        }
      }
    }
    return null;
  }

  /**
   * Decodes a keyframe by itself. What was sent before is forgotten, and what comes next must be a
   * keyframe. The decoder is opened anew for it, which takes a fraction of the time that the frame
   * does: one that has been open keeps the memory of several frames, one at rest needs none.
   *
   * @return borrowed, valid until the next call; null where it gives no picture alone
   */
  AVFrame alone(Packet keyframe) {
    reopen();
    int result = send(keyframe, true);
    if (result >= 0) {
      result = avcodec_receive_frame(context, frame);
    }
    reopen();
    return result >= 0 && !isBroken() && frame.pts() != AV_NOPTS_VALUE ? frame : null;
  }

  private void reopen() {
    avcodec_free_context(context);
    if (open() < 0) {
      throw new IllegalStateException(
          "camera %s: its decoder does not open again".formatted(camera));
    }
    awaitKeyframe = true;
    lastDecoded = NONE;
  }

  /** Gives the memory of the last frame back. */
  void release() {
    av_frame_unref(frame);
  }

  /** Frames up to an interval after that time are not due again. */
  void looked(long ptsMicros) {
    nextLook = Math.max(nextLook, ptsMicros + intervalMicros / 2);
  }

  private boolean isBroken() {
    return frame.decode_error_flags() != 0 || (frame.flags() & AV_FRAME_FLAG_CORRUPT) != 0;
  }

  /** With B-frames, those that others refer to may be fewer than are wanted. */
  private void measureDistance(long ptsMicros) {
    referencesAreRare |=
        lastDecoded != NONE && ptsMicros - lastDecoded > intervalMicros + intervalMicros / 4;
    lastDecoded = ptsMicros;
  }

  /** A tenth early is due as well: times jitter. */
  private boolean isDue(long ptsMicros) {
    if (nextLook == NONE || ptsMicros < nextLook - 2 * intervalMicros) {
      nextLook = ptsMicros; // the stream's line begins anew
    }
    return ptsMicros >= nextLook - intervalMicros / 10;
  }

  private void failed() {
    failures++;
    awaitKeyframe = true;
    lastDecoded = NONE;
    avcodec_flush_buffers(context);
    if (!told || arrivalNanos - toldNanos >= TELL_EVERY_NANOS) {
      log.warn(
          "camera {}: packets that could not be decoded: {}; no motion is seen before the next"
              + " keyframe",
          camera,
          failures);
      told = true;
      toldNanos = arrivalNanos;
      failures = 0;
    }
  }

  @Override
  public void close() {
    av_frame_free(frame);
    av_packet_free(packet);
    avcodec_free_context(context);
    avcodec_parameters_free(parameters);
  }
}
