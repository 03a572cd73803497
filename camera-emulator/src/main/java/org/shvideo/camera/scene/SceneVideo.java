package org.shvideo.camera.scene;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PROFILE_H264_HIGH;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.NalUnits;
import org.shvideo.ffmpeg.Encoder;
import org.shvideo.ffmpeg.Frames;

/** Encodes a {@link Scene} as H.264, like an IP camera. */
public final class SceneVideo {
  // One quality for every frame: no pulse at keyframes and none where the loop closes, which rate
  // control, starting each time from nothing, would make.
  private static final Map<String, String> OPTIONS = Map.of("rc_mode", "off");
  private static final int KEYFRAME_SECONDS = 2;

  private SceneVideo() {}

  /** Draws and encodes one loop, which takes a few seconds; fails without FFmpeg's encoder. */
  public static EncodedVideo encode(Scene scene) throws IOException {
    List<AccessUnit> units = new ArrayList<>();
    AVFrame drawn = Frames.allocate(AV_PIX_FMT_BGR24, scene.width(), scene.height());
    try (Encoder encoder =
        new Encoder("libopenh264", OPTIONS, context -> configure(context, scene))) {
      byte[] header = new byte[encoder.parameters().extradata_size()];
      encoder.parameters().extradata().get(header);
      for (int index = 0; index < scene.frames(); index++) {
        draw(scene, index, drawn);
        encoder.send(drawn, index);
        receive(encoder, scene, units);
      }
      encoder.drain();
      receive(encoder, scene, units);
      return new EncodedVideo(
          scene.width(), scene.height(), NalUnits.split(header), units, Scene.LENGTH);
    } finally {
      Frames.free(drawn);
    }
  }

  private static void configure(AVCodecContext context, Scene scene) {
    context.width(scene.width()).height(scene.height()).pix_fmt(AV_PIX_FMT_YUV420P);
    context.time_base().num(1).den(scene.framesPerSecond());
    context.framerate().num(scene.framesPerSecond()).den(1);
    context.gop_size(KEYFRAME_SECONDS * scene.framesPerSecond());
    context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
    context.thread_count(1);
    context.profile(AV_PROFILE_H264_HIGH);
  }

  private static void draw(Scene scene, int index, AVFrame frame) {
    byte[] pixels = Scene.pixels(scene.frame(index));
    BytePointer rows = frame.data(0);
    int row = scene.width() * 3;
    for (int y = 0; y < scene.height(); y++) {
      rows.position((long) y * frame.linesize(0)).put(pixels, y * row, row);
    }
  }

  private static void receive(Encoder encoder, Scene scene, List<AccessUnit> units)
      throws IOException {
    for (AVPacket packet = encoder.receive(); packet != null; packet = encoder.receive()) {
      byte[] bytes = new byte[packet.size()];
      packet.data().get(bytes);
      units.add(
          new AccessUnit(
              NalUnits.split(bytes),
              (packet.flags() & AV_PKT_FLAG_KEY) != 0,
              packet.dts() * 1_000_000 / scene.framesPerSecond(),
              packet.pts() * 1_000_000 / scene.framesPerSecond()));
    }
  }
}
