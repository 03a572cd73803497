package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.stream.Packet;

/** A packet is written as its second; keyframes have a star, and sizes are in bytes. */
class PreRollBufferTest {
  private static final int SIZE = 100;

  @ParameterizedTest(name = "{0} s, {1} bytes: {2} leaves {3}")
  @CsvSource({
    "2, 9999, 0*                     , 0*",
    "2, 9999, 0 1 2                  , ''",
    "2, 9999, 0 1 2* 3               , 2* 3",
    "2, 9999, 0* 1 2 3 4 5           , 0* 1 2 3 4 5",
    "2, 9999, 0* 1 2* 3              , 0* 1 2* 3",
    "2, 9999, 0* 1 2* 3 4            , 2* 3 4",
    "2, 9999, 0* 1 2* 3 4* 5         , 2* 3 4* 5",
    "2, 9999, 0* 1* 2* 3* 4* 5*      , 3* 4* 5*",
    "0, 9999, 0* 1 2 3* 4            , 3* 4",
    "9,  400, 0* 1 2* 3              , 0* 1 2* 3",
    "9,  400, 0* 1 2* 3 4            , 2* 3 4",
    "9,  400, 0* 1* 2* 3* 4* 5*      , 2* 3* 4* 5*",
    "9,  300, 0* 1* 2 3 4            , ''",
    "9,  300, 0* 1 2 3 4 5           , ''",
    "9,  300, 0* 1 2 3 4 5* 6        , 5* 6",
    "9,   50, 0* 1 2*                , ''",
  })
  void keepsWholeGopsWithinItsLimits(int seconds, int bytes, String given, String kept) {
    try (PreRollBuffer buffer =
        new PreRollBuffer(Duration.ofSeconds(seconds), bytes, AV_CODEC_ID_H264)) {
      for (Packet packet : packets(given)) {
        buffer.add(packet);
      }

      assertThat(names(buffer.all())).isEqualTo(kept);
    }
  }

  @ParameterizedTest(name = "from {0}: {1}")
  @CsvSource({
    "-1, 0* 1 2* 3 4* 5",
    " 0, 0* 1 2* 3 4* 5",
    " 1, 0* 1 2* 3 4* 5",
    " 2, 2* 3 4* 5",
    " 3, 2* 3 4* 5",
    " 4, 4* 5",
    " 9, 4* 5",
  })
  void returnsPacketsFromTheKeyframeBeforeATime(long second, String found) {
    try (PreRollBuffer buffer = new PreRollBuffer(Duration.ofSeconds(60), 9999, AV_CODEC_ID_H264)) {
      packets("0* 1 2* 3 4* 5").forEach(buffer::add);

      assertThat(names(buffer.from(second * 1_000_000))).isEqualTo(found);
    }
  }

  @Test
  void tellsHowLongTheNewestGopIs() {
    try (PreRollBuffer buffer =
        new PreRollBuffer(Duration.ofSeconds(9), 2 * SIZE, AV_CODEC_ID_H264)) {
      List<Long> seconds = new ArrayList<>();
      for (Packet packet : packets("0 1* 2 3 4 5* 6")) {
        long now = packet.ptsMicros();
        buffer.add(packet);
        long micros = buffer.gopMicros(now);
        seconds.add(micros == Long.MAX_VALUE ? -1 : micros / 1_000_000);
      }

      assertThat(seconds).containsExactly(-1L, 0L, 1L, -1L, -1L, 0L, 1L);
    }
  }

  @Test
  void closesItsPackets() {
    List<Packet> packets = packets("0 1* 2 3* 4 5");
    try (PreRollBuffer buffer = new PreRollBuffer(Duration.ofSeconds(2), 9999, AV_CODEC_ID_H264)) {
      packets.forEach(buffer::add);

      assertThat(packets)
          .extracting(PreRollBufferTest::isOpen)
          .containsExactly(false, false, false, true, true, true);
    }
    assertThat(packets).noneMatch(PreRollBufferTest::isOpen);
  }

  private static boolean isOpen(Packet packet) {
    return !packet.data().isNull();
  }

  private static List<Packet> packets(String names) {
    List<Packet> packets = new ArrayList<>();
    for (String name : names.split(" ", -1)) {
      AVPacket data = av_packet_alloc();
      av_new_packet(data, SIZE);
      if (name.endsWith("*")) {
        data.flags(AV_PKT_FLAG_KEY);
      }
      long micros = 1_000_000 * Long.parseLong(name.replace("*", ""));
      packets.add(new Packet(data, micros, micros, micros * 1000));
    }
    return packets;
  }

  private static String names(List<Packet> packets) {
    return String.join(
        " ",
        packets.stream()
            .map(packet -> packet.ptsMicros() / 1_000_000 + (packet.keyframe() ? "*" : ""))
            .toList());
  }
}
