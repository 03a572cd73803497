package org.shvideo.capture.record;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.capture.container.AviWriter;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Encoder;
import org.shvideo.ffmpeg.Packets;

/**
 * Decodes the packets and encodes the frames as MPEG-4 (Xvid) at a fixed quality: the quantiser is
 * {@value #QUANTISER} of 31, at which the loss is hard to see. A packet that cannot be decoded is
 * skipped; the slot of its frame stays empty.
 */
final class EncodeClipWriter implements ClipWriter {
  private static final int QUANTISER = 4;
  private static final int MICROS = 1_000_000;

  /** Players can seek to a position every so many seconds. */
  private static final double KEYFRAME_SECONDS = 2;

  /** More would take the cores of a small machine from other cameras. */
  private static final int DECODER_THREADS = 2;

  private final long intervalMicros;
  private Decoder decoder;
  private Encoder encoder;
  private AviWriter avi;
  private boolean hasFrame;
  private long lastMicros;

  /**
   * @param info borrowed during this call
   */
  EncodeClipWriter(Path file, StreamInfo info, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    intervalMicros = rate.frameMicros();
    try {
      decoder =
          new Decoder(
              info.parameters(),
              context -> {
                context.pkt_timebase().num(1).den(MICROS);
                context.thread_count(DECODER_THREADS);
                context.max_pixels(StreamInfo.MAX_PIXELS);
              });
      encoder = new Encoder("mpeg4", Map.of(), context -> configure(context, info, rate));
      avi = new AviWriter(file, encoder.parameters(), rate, metadata);
    } finally {
      if (avi == null) {
        free();
      }
    }
  }

  private static void configure(AVCodecContext context, StreamInfo info, FrameRate rate) {
    context.width(info.width()).height(info.height()).pix_fmt(AV_PIX_FMT_YUV420P);
    context.sample_aspect_ratio(info.parameters().sample_aspect_ratio());
    context.time_base().num(rate.seconds()).den(rate.frames());
    context.framerate().num(rate.frames()).den(rate.seconds());
    context.gop_size((int) Math.max(1, Math.round(KEYFRAME_SECONDS * rate.framesPerSecond())));
    context.max_b_frames(0);
    context.flags(context.flags() | AV_CODEC_FLAG_QSCALE);
    context.global_quality(QUANTISER * FF_QP2LAMBDA);
  }

  @Override
  public void write(Packet borrowed) throws IOException {
    decoder.send(borrowed.data()); // a damaged packet is skipped
    encodeDecoded();
  }

  private void encodeDecoded() throws IOException {
    while (decoder.receive() == Decoder.Received.FRAME) {
      long stamp = decoder.frame().best_effort_timestamp();
      long micros = stamp == Packets.NO_TIMESTAMP ? lastMicros + intervalMicros : stamp;
      lastMicros = hasFrame ? Math.max(micros, lastMicros + 1) : micros;
      hasFrame = true;
      encoder.send(decoder.frame(), avi.place(lastMicros));
      writeEncoded();
    }
  }

  private void writeEncoded() throws IOException {
    for (AVPacket packet = encoder.receive(); packet != null; packet = encoder.receive()) {
      avi.write(packet, packet.pts());
    }
  }

  @Override
  public void retime(LongUnaryOperator time) {
    avi.retime(time);
    lastMicros = time.applyAsLong(lastMicros);
  }

  @Override
  public long written() {
    return avi.written();
  }

  @Override
  public void close() throws IOException {
    try {
      decoder.drain();
      encodeDecoded();
      encoder.drain();
      writeEncoded();
    } finally {
      try {
        avi.close();
      } finally {
        free();
      }
    }
  }

  private void free() {
    if (decoder != null) {
      decoder.close();
    }
    if (encoder != null) {
      encoder.close();
    }
  }
}
