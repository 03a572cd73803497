package org.shvideo.camera.scene;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PROFILE_H264_HIGH;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_OPT_SEARCH_CHILDREN;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.NalUnits;

/** Encodes a {@link Scene} as H.264, like an IP camera. */
public final class SceneVideo {
  private static final String ENCODER = "libopenh264";
  private static final int KEYFRAME_SECONDS = 2;

  private SceneVideo() {}

  /**
   * Draws and encodes one loop, which takes a few seconds.
   *
   * @throws IOException when FFmpeg cannot encode it, as a build without the encoder cannot
   */
  public static EncodedVideo encode(Scene scene) throws IOException {
    AVCodec codec = avcodec_find_encoder_by_name(ENCODER);
    if (codec == null) {
      throw new IOException("this build of FFmpeg has no encoder " + ENCODER);
    }
    try (Encoder encoder = new Encoder(scene, codec)) {
      return encoder.encode();
    }
  }

  /** Owns what FFmpeg allocates for one run. Used by one thread. */
  private static final class Encoder implements AutoCloseable {
    private final Scene scene;
    private final AVCodecContext context;
    private final AVFrame drawn = av_frame_alloc();
    private final AVFrame converted = av_frame_alloc();
    private final AVPacket packet = av_packet_alloc();
    private final SwsContext conversion;
    private final List<byte[]> parameterSets = new ArrayList<>();
    private final List<AccessUnit> units = new ArrayList<>();

    Encoder(Scene scene, AVCodec codec) throws IOException {
      this.scene = scene;
      this.context = avcodec_alloc_context3(codec);
      this.conversion =
          sws_getContext(
              scene.width(),
              scene.height(),
              AV_PIX_FMT_BGR24,
              scene.width(),
              scene.height(),
              AV_PIX_FMT_YUV420P,
              SWS_BILINEAR,
              null,
              null,
              (DoublePointer) null);
      try {
        open(codec);
      } catch (IOException | RuntimeException e) {
        close();
        throw e;
      }
    }

    private void open(AVCodec codec) throws IOException {
      context.width(scene.width());
      context.height(scene.height());
      context.pix_fmt(AV_PIX_FMT_YUV420P);
      context.time_base().num(1).den(scene.framesPerSecond());
      context.framerate().num(scene.framesPerSecond()).den(1);
      context.gop_size(KEYFRAME_SECONDS * scene.framesPerSecond());
      context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
      context.thread_count(1);
      context.profile(AV_PROFILE_H264_HIGH);
      // One quality for every frame: no pulse at keyframes and none where the loop closes, which
      // rate control, starting each time from nothing, would make.
      check(av_opt_set(context, "rc_mode", "off", AV_OPT_SEARCH_CHILDREN), "set rc_mode");
      check(avcodec_open2(context, codec, (AVDictionary) null), "open the encoder");
      allocate(drawn, AV_PIX_FMT_BGR24);
      allocate(converted, AV_PIX_FMT_YUV420P);
      byte[] header = new byte[context.extradata_size()];
      context.extradata().get(header);
      parameterSets.addAll(NalUnits.split(header));
    }

    private void allocate(AVFrame frame, int format) throws IOException {
      frame.format(format).width(scene.width()).height(scene.height());
      check(av_frame_get_buffer(frame, 0), "allocate a frame");
    }

    EncodedVideo encode() throws IOException {
      for (int index = 0; index < scene.frames(); index++) {
        draw(index);
        check(avcodec_send_frame(context, converted), "encode frame " + index);
        receive();
      }
      check(avcodec_send_frame(context, null), "flush the encoder");
      receive();
      return new EncodedVideo(scene.width(), scene.height(), parameterSets, units, Scene.LENGTH);
    }

    private void draw(int index) throws IOException {
      byte[] pixels = Scene.pixels(scene.frame(index));
      BytePointer rows = drawn.data(0);
      int row = scene.width() * 3;
      for (int y = 0; y < scene.height(); y++) {
        rows.position((long) y * drawn.linesize(0)).put(pixels, y * row, row);
      }
      check(av_frame_make_writable(converted), "reuse a frame");
      check(sws_scale_frame(conversion, converted, drawn), "convert frame " + index);
      converted.pts(index);
    }

    private void receive() throws IOException {
      while (true) {
        int status = avcodec_receive_packet(context, packet);
        if (status == AVERROR_EAGAIN() || status == AVERROR_EOF()) {
          return;
        }
        check(status, "encode");
        byte[] bytes = new byte[packet.size()];
        packet.data().get(bytes);
        boolean keyframe = (packet.flags() & AV_PKT_FLAG_KEY) != 0;
        units.add(
            new AccessUnit(
                NalUnits.split(bytes), keyframe, micros(packet.dts()), micros(packet.pts())));
        av_packet_unref(packet);
      }
    }

    private long micros(long ticks) {
      return ticks * Duration.ofSeconds(1).toNanos() / 1000 / scene.framesPerSecond();
    }

    private static void check(int status, String doing) throws IOException {
      if (status < 0) {
        throw new IOException("FFmpeg cannot " + doing + " (error " + status + ")");
      }
    }

    @Override
    public void close() {
      sws_freeContext(conversion);
      av_packet_free(packet);
      av_frame_free(converted);
      av_frame_free(drawn);
      avcodec_free_context(context);
    }
  }
}
