package org.shvideo.capture.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Demuxer;

/**
 * The contents of a clip, as a player sees them.
 *
 * @param tag the FourCC
 * @param frameRate of the stream
 * @param seconds duration according to the header
 * @param data of each packet, in order
 * @param keyframes whether each packet is a keyframe
 * @param slots the slot of each packet
 * @param decoded how many frames could be decoded
 */
public record RecordedClip(
    String codec,
    String tag,
    double frameRate,
    double seconds,
    List<byte[]> data,
    List<Boolean> keyframes,
    List<Long> slots,
    int decoded,
    Map<String, String> metadata) {

  public static RecordedClip read(Path file) {
    List<byte[]> data = new ArrayList<>();
    List<Boolean> keyframes = new ArrayList<>();
    List<Long> slots = new ArrayList<>();
    int decoded = 0;
    try (Demuxer input = Demuxer.of(file, Map.of())) {
      input.findStreams();
      AVStream stream = input.selectVideo();
      assertThat(input.context().nb_streams()).isEqualTo(1);
      try (Decoder decoder = new Decoder(stream.codecpar(), context -> {})) {
        for (AVPacket packet = input.read(); packet != null; packet = input.read()) {
          data.add(Footage.bytes(packet));
          keyframes.add((packet.flags() & AV_PKT_FLAG_KEY) != 0);
          slots.add(packet.dts());
          decoder.send(packet);
          decoded += receive(decoder);
        }
        decoder.drain();
        decoded += receive(decoder);
      }
      int tag = stream.codecpar().codec_tag();
      Map<String, String> metadata = new TreeMap<>(input.metadata());
      metadata.keySet().retainAll(Set.of("title", "date", "comment"));
      return new RecordedClip(
          Decoder.codecName(stream.codecpar()),
          ""
              + (char) (tag & 255)
              + (char) (tag >> 8 & 255)
              + (char) (tag >> 16 & 255)
              + (char) (tag >> 24 & 255),
          (double) stream.avg_frame_rate().num() / stream.avg_frame_rate().den(),
          input.context().duration() / 1e6,
          data,
          keyframes,
          slots,
          decoded,
          metadata);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int receive(Decoder decoder) {
    int count = 0;
    while (decoder.receive() == Decoder.Received.FRAME) {
      count++;
    }
    return count;
  }
}
