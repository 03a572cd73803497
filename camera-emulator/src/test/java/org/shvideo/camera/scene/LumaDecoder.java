package org.shvideo.camera.scene;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Demuxer;

/** Decodes a video into luma planes, one byte per pixel. */
final class LumaDecoder {
  private LumaDecoder() {}

  static List<byte[]> decode(Path file) throws IOException {
    List<byte[]> planes = new ArrayList<>();
    try (Demuxer demuxer = Demuxer.of(file, Map.of())) {
      demuxer.findStreams();
      try (Decoder decoder = new Decoder(demuxer.selectVideo().codecpar(), context -> {})) {
        for (AVPacket packet = demuxer.read(); packet != null; packet = demuxer.read()) {
          decoder.send(packet);
          receive(decoder, planes);
        }
        decoder.drain();
        receive(decoder, planes);
      }
    }
    return planes;
  }

  private static void receive(Decoder decoder, List<byte[]> planes) {
    while (decoder.receive() == Decoder.Received.FRAME) {
      AVFrame frame = decoder.frame();
      byte[] plane = new byte[frame.width() * frame.height()];
      for (int y = 0; y < frame.height(); y++) {
        frame
            .data(0)
            .position((long) y * frame.linesize(0))
            .get(plane, y * frame.width(), frame.width());
      }
      planes.add(plane);
    }
  }
}
