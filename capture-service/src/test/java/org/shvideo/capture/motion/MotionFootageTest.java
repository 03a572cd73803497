package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.PointerPointer;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.settings.Settings;

/** Real footage; when somebody or something comes into view was read off the frames by eye. */
class MotionFootageTest {

  @Test
  void everyPersonWhoComesInIsAMotionOfTheirOwn() {
    double[] inView = {6.0, 22.7, 50.2, 74.4, 92.1, 123.4};
    double[] gone = {20.8, 46.0, 71.1, 87.9, 120.8, 136.7};

    List<Spell> spells = watch("one-by-one-person-detection.mp4");

    for (int i = 0; i < inView.length; i++) {
      assertBegins(spells, inView[i]);
      assertEndsBetween(spells, gone[i], i + 1 < gone.length ? inView[i + 1] : 139.4);
    }
    assertNoneBeginsOutside(spells, inView, gone);
  }

  @Test
  void everyGroupOfCarsIsAMotionOfItsOwn() {
    double[] inView = {4.4, 14.4, 25.2};
    double[] gone = {8.7, 19.3, 29.0};

    List<Spell> spells = watch("car-detection.mp4");

    for (int i = 0; i < inView.length; i++) {
      assertBegins(spells, inView[i]);
    }
    assertEndsBetween(spells, gone[0], inView[1]);
    assertEndsBetween(spells, gone[1], inView[2]);
    assertNoneBeginsOutside(spells, inView, gone);
  }

  private static void assertBegins(List<Spell> spells, double inView) {
    assertThat(spells)
        .anySatisfy(
            spell -> {
              assertThat(spell.since()).isBetween(inView, inView + 0.5);
              assertThat(spell.told()).isBetween(inView, inView + 1);
            });
  }

  private static void assertEndsBetween(List<Spell> spells, double gone, double next) {
    assertThat(spells).anySatisfy(spell -> assertThat(spell.end()).isBetween(gone, next + 0.1));
  }

  private static void assertNoneBeginsOutside(List<Spell> spells, double[] inView, double[] gone) {
    assertThat(spells)
        .allSatisfy(
            spell -> {
              boolean inside = false;
              for (int i = 0; i < inView.length; i++) {
                inside |= spell.since() >= inView[i] && spell.since() <= gone[i];
              }
              assertThat(inside).as("something is in view at %.1f s", spell.since()).isTrue();
            });
  }

  private static List<Spell> watch(String name) {
    Path file = TestFiles.footage(name);
    av_log_set_level(AV_LOG_QUIET);
    AVFormatContext input = new AVFormatContext(null);
    assertThat(avformat_open_input(input, file.toString(), null, (AVDictionary) null)).isZero();
    try {
      avformat_find_stream_info(input, (PointerPointer<?>) null);
      AVStream video = input.streams(0);
      AVCodecParameters parameters = video.codecpar();
      StreamInfo info =
          new StreamInfo(
              "h264", parameters.width(), parameters.height(), 1, 1_000_000, 0, parameters);
      MotionSettings settings = MotionSettings.from(Settings.of(Map.of()), "camera");
      try (StreamMotionDetector watch = new StreamMotionDetector("camera", info, settings)) {
        return Spell.watch(watch, () -> read(input, video));
      }
    } finally {
      avformat_close_input(input);
    }
  }

  private static Packet read(AVFormatContext input, AVStream video) {
    AVPacket packet = av_packet_alloc();
    while (av_read_frame(input, packet) >= 0) {
      if (packet.stream_index() == video.index()) {
        try (AVRational micros = av_make_q(1, 1_000_000)) {
          av_packet_rescale_ts(packet, video.time_base(), micros);
        }
        return new Packet(packet, packet.pts(), packet.dts(), packet.dts() * 1000);
      }
    }
    av_packet_free(packet);
    return null;
  }
}
