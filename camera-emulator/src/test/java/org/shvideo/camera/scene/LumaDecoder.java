package org.shvideo.camera.scene;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.camera.media.AccessUnit;

/** Decodes access units into luma planes, one byte per pixel. */
final class LumaDecoder {
  private static final byte[] START_CODE = {0, 0, 0, 1};

  private LumaDecoder() {}

  static List<byte[]> decode(List<AccessUnit> units) throws IOException {
    AVCodec codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    AVCodecContext context = avcodec_alloc_context3(codec);
    AVFrame frame = av_frame_alloc();
    AVPacket packet = av_packet_alloc();
    List<byte[]> planes = new ArrayList<>();
    try {
      check(avcodec_open2(context, codec, (AVDictionary) null));
      for (AccessUnit unit : units) {
        byte[] bytes = annexB(unit);
        check(av_new_packet(packet, bytes.length));
        packet.data().put(bytes);
        check(avcodec_send_packet(context, packet));
        av_packet_unref(packet);
        receive(context, frame, planes);
      }
      check(avcodec_send_packet(context, null));
      receive(context, frame, planes);
      return planes;
    } finally {
      av_packet_free(packet);
      av_frame_free(frame);
      avcodec_free_context(context);
    }
  }

  private static byte[] annexB(AccessUnit unit) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] nal : unit.nalUnits()) {
      bytes.write(START_CODE);
      bytes.write(nal);
    }
    return bytes.toByteArray();
  }

  private static void receive(AVCodecContext context, AVFrame frame, List<byte[]> planes) {
    while (avcodec_receive_frame(context, frame) >= 0) {
      byte[] plane = new byte[frame.width() * frame.height()];
      BytePointer rows = frame.data(0);
      for (int y = 0; y < frame.height(); y++) {
        rows.position((long) y * frame.linesize(0)).get(plane, y * frame.width(), frame.width());
      }
      planes.add(plane);
    }
  }

  private static void check(int status) throws IOException {
    if (status < 0) {
      throw new IOException("FFmpeg error " + status);
    }
  }
}
