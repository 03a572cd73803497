package org.shvideo.capture.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_get;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.PointerPointer;
import org.shvideo.ffmpeg.Demuxer;

/**
 * What a player finds in a clip.
 *
 * @param tag the FourCC
 * @param frameRate of the stream
 * @param seconds the duration the file claims
 * @param data each packet's, in order
 * @param keyframes whether each packet is one
 * @param slots each packet's place on the line of frames
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
    AVFormatContext input = new AVFormatContext(null);
    assertThat(avformat_open_input(input, file.toString(), null, null)).as("%s", file).isZero();
    assertThat(avformat_find_stream_info(input, (PointerPointer<?>) null)).isNotNegative();
    assertThat(input.nb_streams()).isEqualTo(1);
    AVStream stream = input.streams(0);
    AVCodec codec = avcodec_find_decoder(stream.codecpar().codec_id());
    AVCodecContext decoder = avcodec_alloc_context3(codec);
    avcodec_parameters_to_context(decoder, stream.codecpar());
    assertThat(avcodec_open2(decoder, codec, (AVDictionary) null)).isZero();
    List<byte[]> data = new ArrayList<>();
    List<Boolean> keyframes = new ArrayList<>();
    List<Long> slots = new ArrayList<>();
    int decoded = 0;
    AVPacket packet = av_packet_alloc();
    AVFrame frame = av_frame_alloc();
    while (av_read_frame(input, packet) >= 0) {
      data.add(Footage.bytes(packet));
      keyframes.add((packet.flags() & AV_PKT_FLAG_KEY) != 0);
      slots.add(packet.dts());
      avcodec_send_packet(decoder, packet);
      decoded += frames(decoder, frame);
      av_packet_unref(packet);
    }
    avcodec_send_packet(decoder, (AVPacket) null);
    decoded += frames(decoder, frame);
    int tag = stream.codecpar().codec_tag();
    RecordedClip clip =
        new RecordedClip(
            avcodec_get_name(stream.codecpar().codec_id()).getString(),
            ""
                + (char) (tag & 255)
                + (char) (tag >> 8 & 255)
                + (char) (tag >> 16 & 255)
                + (char) (tag >> 24 & 255),
            (double) stream.avg_frame_rate().num() / stream.avg_frame_rate().den(),
            input.duration() / 1e6,
            data,
            keyframes,
            slots,
            decoded,
            metadata(input));
    av_frame_free(frame);
    av_packet_free(packet);
    avcodec_free_context(decoder);
    avformat_close_input(input);
    return clip;
  }

  /** When each frame is shown, in seconds, in that order. */
  public static List<Double> times(Path file) throws IOException {
    List<Double> times = new ArrayList<>();
    try (Demuxer input = Demuxer.of(file, Map.of())) {
      input.findStreams();
      input.selectVideo();
      for (AVPacket packet = input.read(); packet != null; packet = input.read()) {
        times.add(input.micros(packet.pts()) / 1e6);
      }
    }
    times.sort(null);
    return times;
  }

  private static int frames(AVCodecContext decoder, AVFrame frame) {
    int count = 0;
    while (avcodec_receive_frame(decoder, frame) >= 0) {
      count++;
    }
    return count;
  }

  private static Map<String, String> metadata(AVFormatContext input) {
    Map<String, String> metadata = new TreeMap<>();
    Stream.of("title", "date", "comment")
        .forEach(
            name -> {
              AVDictionaryEntry entry = av_dict_get(input.metadata(), name, null, 0);
              if (entry != null) {
                metadata.put(name, entry.value().getString(StandardCharsets.UTF_8));
              }
            });
    return metadata;
  }
}
