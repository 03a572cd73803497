package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_HEVC;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_mallocz;

import java.util.HexFormat;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Units are written as in hexadecimal dumps: 67 is an SPS, 68 a PPS, 65 and 41 are slices. */
class ParameterSetsTest {
  private static final String OLD = "00000001 6742aa 00000001 68cebb";
  private static final String NEW = "00000001 6764cc 00000001 68eedd";

  @ParameterizedTest
  @CsvSource({
    // A change of settings, the sets come with the first picture alone; then before it; in two
    // parts.
    "00000001 09f0 00000001 6764cc 000001 68eedd 000001 65aabb",
    "00000001 6764cc 00000001 68eedd",
    "000001 6764cc 000001 68eedd 000001 0605ff 000001 65",
  })
  void setsThatComeOnceStandBeforeEachLaterKeyframe(String change) {
    ParameterSets sets = new ParameterSets(parameters(AV_CODEC_ID_H264, OLD));
    assertThat(completed(sets, "00000001 65aa", true)).isEqualTo(hex("00000001 65aa"));
    assertThat(completed(sets, change, true)).as("unchanged").isEqualTo(hex(change));

    assertThat(completed(sets, "00000001 41aa", false)).isEqualTo(hex("00000001 41aa"));
    assertThat(completed(sets, "00000001 65cc", true)).isEqualTo(hex(NEW + "00000001 65cc"));
    assertThat(completed(sets, "00000001 65dd", true)).isEqualTo(hex(NEW + "00000001 65dd"));
  }

  @Test
  void aSetOfOneTypeReplacesThatTypeAlone() {
    ParameterSets sets = new ParameterSets(parameters(AV_CODEC_ID_H264, OLD));
    String first = completed(sets, NEW + "00000001 65aa", true);
    assertThat(first).isEqualTo(hex(NEW + "00000001 65aa"));

    String pps = completed(sets, "00000001 68ffee 00000001 41aa", false);
    assertThat(pps).isEqualTo(hex("00000001 68ffee 00000001 41aa"));

    assertThat(completed(sets, "00000001 65cc", true))
        .isEqualTo(hex("00000001 6764cc 00000001 68ffee 00000001 65cc"));
  }

  @Test
  void h265HasThree() {
    String vps = "00000001 4001aa 00000001 4201bb 00000001 4401cc";
    ParameterSets sets = new ParameterSets(parameters(AV_CODEC_ID_HEVC, ""));
    assertThat(completed(sets, vps + "00000001 2601dd", true))
        .isEqualTo(hex(vps + "000000012601dd"));

    assertThat(completed(sets, "00000001 2601ee", true)).isEqualTo(hex(vps + "00000001 2601ee"));
  }

  @ParameterizedTest
  @CsvSource({
    AV_CODEC_ID_H264 + ", " + OLD + ", " + OLD + " 00000001 65aa", // sent as described
    AV_CODEC_ID_H264 + ", " + OLD + ", 00000001 65aa",
    AV_CODEC_ID_MJPEG + ", '', " + OLD,
    // Lengths before the units instead of start codes, one of them 0x0167.
    AV_CODEC_ID_H264 + ", 0142aa, 00000167 67aabb 00000002 65cc",
  })
  void otherStreamsStayAsTheyAre(int codec, String described, String packet) {
    ParameterSets sets = new ParameterSets(parameters(codec, described));
    for (int i = 0; i < 2; i++) {
      assertThat(completed(sets, packet, true)).isEqualTo(hex(packet));
    }
    assertThat(completed(sets, "00000001 65ff", true)).isEqualTo(hex("00000001 65ff"));
  }

  private static AVCodecParameters parameters(int codec, String extradata) {
    byte[] bytes = HexFormat.of().parseHex(hex(extradata));
    AVCodecParameters parameters = avcodec_parameters_alloc();
    BytePointer data = new BytePointer(av_mallocz(bytes.length + 64));
    data.put(bytes);
    parameters.codec_id(codec).extradata(data).extradata_size(bytes.length);
    return parameters;
  }

  private static String completed(ParameterSets sets, String units, boolean keyframe) {
    byte[] bytes = HexFormat.of().parseHex(hex(units));
    AVPacket packet = av_packet_alloc();
    av_new_packet(packet, bytes.length);
    packet.data().put(bytes);
    packet.flags(keyframe ? AV_PKT_FLAG_KEY : 0).pts(7);

    sets.complete(packet);

    assertThat(packet.pts()).isEqualTo(7);
    assertThat(packet.flags()).isEqualTo(keyframe ? AV_PKT_FLAG_KEY : 0);
    byte[] completed = new byte[packet.size()];
    packet.data().get(completed);
    av_packet_free(packet);
    return HexFormat.of().formatHex(completed);
  }

  private static String hex(String units) {
    return units.replace(" ", "");
  }
}
