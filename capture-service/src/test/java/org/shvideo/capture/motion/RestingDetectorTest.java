package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.av_grow_packet;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Arrays;
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
class RestingDetectorTest {
  private static final int FPS = 10;

  /** From then on this scene's sizes raise no false alarm. */
  private static final int RESTING = 44;

  private static final double WALK_SECONDS = 2;
  private static final double[] WALKS = {20.3, 27.5, 34.7};

  @ParameterizedTest
  @EnumSource(names = {"H264", "MPEG4_B_FRAMES"})
  void aRestingWatchSeesWhatOneSeesThatDecodesAll(Coding coding) {
    Scene scene =
        scene(
            (picture, seconds) -> {
              walker(picture, seconds, 48.5, 50.2, 300); // within a GOP
              walker(picture, seconds, 60.1, 66, 20);
            });
    List<Packet> packets = record(coding, scene, 70);

    List<Spell> all = watch(coding, scene, packets, "all");
    List<Spell> resting = watch(coding, scene, packets, "suspicious");

    assertThat(all).hasSize(5);
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
    Scene scene = scene((picture, seconds) -> walker(picture, seconds, 50.3, 54, 40));
    List<Packet> packets = record(Coding.H264, scene, 54);
    packets.stream()
        .filter(packet -> !packet.keyframe() && !firstWalk(packet.ptsMicros() / 1e6))
        .forEach(packet -> pad(packet, 9000));

    // That a picture is told of late must not make its motion seem over.
    Map<String, String> settings = Map.of("MOTION_DECODE", "suspicious", "MOTION_SETTLE", "0.3");

    assertThat(watch(Coding.H264, scene, packets, settings))
        .hasSize(4)
        .last()
        .satisfies(
            spell -> {
              assertThat(spell.since()).isBetween(50.3, 50.8);
              assertThat(spell.told()).isBetween(51.0, 52.5);
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
      List<Packet> packets = record(Coding.H264, scene, 54);
      packets.stream()
          .filter(packet -> !packet.keyframe() && packet.ptsMicros() > RESTING * 1_000_000)
          .forEach(SparseDecoderTest::garble);

      assertThat(watch(Coding.H264, scene, packets, "suspicious")).hasSize(3);
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
    Scene scene = scene((picture, seconds) -> {});
    List<Packet> packets = record(Coding.H264, scene, 46);
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

  /** Packets of the first three walks are larger, as from a camera whose sizes tell. */
  private static List<Packet> record(Coding coding, Scene scene, int seconds) {
    List<Packet> packets = new ArrayList<>();
    try (DrawnStream stream = new DrawnStream(coding, scene, FPS)) {
      while (packets.size() < seconds * FPS) {
        packets.add(stream.next());
      }
    }
    packets.stream()
        .filter(packet -> firstWalk(packet.ptsMicros() / 1e6))
        .forEach(packet -> pad(packet, packet.size() + 20_000));
    return packets;
  }

  /** Zeros after a picture belong to nothing (H.264, B.1: trailing_zero_8bits). */
  private static void pad(Packet packet, int size) {
    int before = packet.size();
    assertThat(av_grow_packet(packet.data(), size - before)).isZero();
    packet.data().data().position(before).put(new byte[size - before]).position(0);
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
        StreamMotionDetector watch = new StreamMotionDetector("camera", stream.info(), settings)) {
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
    return Scene.of(
        640,
        360,
        (picture, seconds) -> {
          for (double from : WALKS) {
            walker(picture, seconds, from, from + WALK_SECONDS, 100);
          }
          painter.paint(picture, seconds);
        });
  }

  private static boolean firstWalk(double seconds) {
    return Arrays.stream(WALKS).anyMatch(from -> seconds >= from && seconds < from + WALK_SECONDS);
  }
}
