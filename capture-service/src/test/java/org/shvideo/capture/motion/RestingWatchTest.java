package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.av_grow_packet;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.capture.motion.DrawnStream.Coding;
import org.shvideo.capture.stream.Packet;
import org.shvideo.tasks.settings.Settings;
import org.slf4j.LoggerFactory;

/** Scenes that are still until the watch decodes keyframes only, one in two seconds. */
class RestingWatchTest {
  private static final int FPS = 10;

  /** From then on this scene's sizes raise no false alarm. */
  private static final int RESTING = 34;

  @ParameterizedTest
  @EnumSource(names = {"H264", "MPEG4_B_FRAMES"})
  void aRestingWatchSeesWhatOneSeesThatDecodesAll(Coding coding) {
    Scene scene =
        scene(
            (picture, seconds) -> {
              walker(picture, seconds, 23.3, 27, 100);
              walker(picture, seconds, 40.5, 42.2, 300); // within a GOP
              walker(picture, seconds, 54.1, 60, 20);
            });
    List<Packet> packets = record(coding, scene, 64);

    List<Spell> all = watch(coding, scene, packets, "all");
    List<Spell> resting = watch(coding, scene, packets, "suspicious");

    assertThat(all).hasSize(3);
    assertThat(resting).hasSameSizeAs(all);
    for (int i = 0; i < all.size(); i++) {
      assertThat(resting.get(i).since())
          .isBetween(all.get(i).since() - 0.3, all.get(i).since() + 0.3);
      // The pre-roll's packets are kept for 4 s more.
      assertThat(resting.get(i).told() - resting.get(i).since()).isLessThan(3.5);
    }
    packets.forEach(Packet::close);
  }

  @Test
  void whatComesWithoutAMarkInTheSizesIsFoundInTheNextKeyframeAndDatedBack() {
    // All packets between keyframes have the same size, as with a strictly constant bitrate.
    Scene scene = scene((picture, seconds) -> walker(picture, seconds, 34.5, 39, 40));
    List<Packet> packets = padded(record(Coding.H264, scene, 44));

    // That a picture is told of late must not make its motion seem over.
    Map<String, String> settings = Map.of("MOTION_DECODE", "suspicious", "MOTION_SETTLE", "0.3");

    assertThat(watch(Coding.H264, scene, packets, settings))
        .singleElement()
        .satisfies(
            spell -> {
              assertThat(spell.since()).isBetween(34.5, 35.0);
              assertThat(spell.told()).isBetween(35.2, 36.7);
            });
    packets.forEach(Packet::close);
  }

  @Test
  void whatLiesBetweenTheKeyframesIsNotEvenDecoded() {
    Logger logger = (Logger) LoggerFactory.getLogger(SparseDecoder.class);
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    logger.addAppender(told);
    try {
      Scene scene = scene((picture, seconds) -> {});
      List<Packet> packets = record(Coding.H264, scene, 44);
      packets.stream()
          .filter(packet -> !packet.keyframe() && packet.ptsMicros() > RESTING * 1_000_000)
          .forEach(SparseDecoderTest::garble);

      assertThat(watch(Coding.H264, scene, packets, "suspicious")).isEmpty();
      assertThat(told.list).isEmpty();
      watch(Coding.H264, scene, packets, "all");
      assertThat(told.list).isNotEmpty();
      packets.forEach(Packet::close);
    } finally {
      logger.detachAppender(told);
    }
  }

  @Test
  void nativeMemoryDoesNotGrowFromRestToRest() {
    Scene scene = scene((picture, seconds) -> walker(picture, seconds, 23.3, 27, 100));
    List<Packet> packets = record(Coding.H264, scene, 40);
    watch(Coding.H264, scene, packets, "suspicious");
    long before = Pointer.totalCount();
    long bytesBefore = Pointer.physicalBytes();

    for (int i = 0; i < 2; i++) {
      watch(Coding.H264, scene, packets, "suspicious");
    }

    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    // Not to free the keyframes that were looked at would be 14 MiB.
    assertThat(Pointer.physicalBytes() - bytesBefore).isLessThan(10 << 20);
    packets.forEach(Packet::close);
  }

  private static List<Packet> record(Coding coding, Scene scene, int seconds) {
    List<Packet> packets = new ArrayList<>();
    try (DrawnStream stream = new DrawnStream(coding, scene, FPS)) {
      while (packets.size() < seconds * FPS) {
        packets.add(stream.next());
      }
    }
    return packets;
  }

  /** Zeros after a NAL unit belong to nothing (H.264, B.1: trailing_zero_8bits). */
  private static List<Packet> padded(List<Packet> packets) {
    return packets.stream()
        .map(
            packet -> {
              if (packet.keyframe()) {
                return packet;
              }
              int size = packet.size();
              assertThat(av_grow_packet(packet.data(), 9000 - size)).isZero();
              packet.data().data().position(size).put(new byte[9000 - size]).position(0);
              return packet;
            })
        .toList();
  }

  private static List<Spell> watch(
      Coding coding, Scene scene, List<Packet> packets, String decode) {
    return watch(coding, scene, packets, Map.of("MOTION_DECODE", decode));
  }

  private static List<Spell> watch(
      Coding coding, Scene scene, List<Packet> packets, Map<String, String> environment) {
    MotionSettings settings = MotionSettings.from(Settings.of(environment), "camera");
    List<Spell> spells = new ArrayList<>();
    try (DrawnStream stream = new DrawnStream(coding, scene, FPS);
        MotionWatch watch = new MotionWatch("camera", stream.info(), settings)) {
      Iterator<Packet> next = packets.iterator();
      spells.addAll(Spell.of(watch, () -> next.hasNext() ? next.next() : null));
    }
    return spells;
  }

  /** Somebody 80 pixels wide and 160 high who crosses from a time until another. */
  private static void walker(
      Graphics2D picture, double seconds, double from, double until, double speed) {
    if (seconds >= from && seconds < until) {
      Scene.box(picture, 50 + speed * (seconds - from), 120, 80, 160, 30);
    }
  }

  private static Scene scene(Scene.Painter painter) {
    return Scene.of(640, 360, painter);
  }
}
