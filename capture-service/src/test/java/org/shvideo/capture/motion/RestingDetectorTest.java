package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.av_grow_packet;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.capture.motion.DrawnStream.Coding;
import org.shvideo.capture.motion.MotionScan.Event;
import org.shvideo.capture.stream.Packet;
import org.shvideo.tasks.settings.Settings;
import org.slf4j.LoggerFactory;

/** Scenes that are still until only keyframes are decoded, one every two seconds. */
@Tag("video")
class RestingDetectorTest {
  private static final int FPS = 10;

  /** The second from which on the detector rests until something happens. */
  private static final int RESTING = 44;

  private static final double WALK_SECONDS = 2;
  private static final double[] WALKS = {20.3, 27.5, 34.7};

  @ParameterizedTest
  @EnumSource(names = {"H264", "MPEG4_B_FRAMES"})
  void findsTheSameMotionAsWhenDecodingEverything(Coding coding) {
    Scene scene =
        scene(
            (picture, seconds) -> {
              walker(picture, seconds, 48.5, 50.2, 300); // within a GOP
              walker(picture, seconds, 60.1, 66, 20);
            });
    List<Packet> packets = record(coding, scene, 70);

    List<Event> all = motionIn(coding, scene, packets, "all");
    List<Event> resting = motionIn(coding, scene, packets, "suspicious");

    assertThat(all).hasSize(5);
    assertThat(resting).hasSameSizeAs(all);
    for (int i = 0; i < all.size(); i++) {
      assertThat(resting.get(i).begin())
          .isBetween(all.get(i).begin() - 0.3, all.get(i).begin() + 0.3);
      // The pre-roll is kept 4 s longer than a clip needs.
      assertThat(resting.get(i).detected() - resting.get(i).begin()).isLessThan(3.5);
    }
    packets.forEach(Packet::close);
  }

  @Test
  void motionNotRevealedBySizesIsFoundFromTheNextKeyframe() {
    Scene scene = scene((picture, seconds) -> walker(picture, seconds, 50.3, 54, 40));
    List<Packet> packets = record(Coding.H264, scene, 54);
    packets.stream()
        .filter(packet -> !packet.keyframe() && !firstWalk(packet.ptsMicros() / 1e6))
        .forEach(packet -> pad(packet, 9000));

    // Late detection must not make the motion seem over.
    Map<String, String> settings = Map.of("MOTION_DECODE", "suspicious", "MOTION_SETTLE", "0.3");

    assertThat(motionIn(Coding.H264, scene, packets, settings))
        .hasSize(4)
        .last()
        .satisfies(
            event -> {
              assertThat(event.begin()).isBetween(50.3, 50.8);
              assertThat(event.detected()).isBetween(51.0, 52.5);
            });
    packets.forEach(Packet::close);
  }

  @Test
  void decodesOnlyKeyframesWhileResting() {
    Logger logger = (Logger) LoggerFactory.getLogger(SparseDecoder.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      Scene scene = scene((picture, seconds) -> {});
      List<Packet> packets = record(Coding.H264, scene, 54);
      packets.stream()
          .filter(packet -> !packet.keyframe() && packet.ptsMicros() > RESTING * 1_000_000)
          .forEach(SparseDecoderTest::garble);

      assertThat(motionIn(Coding.H264, scene, packets, "suspicious")).hasSize(3);
      assertThat(log.list).isEmpty();
      motionIn(Coding.H264, scene, packets, "all");
      assertThat(log.list).isNotEmpty();
      packets.forEach(Packet::close);
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void nativeMemoryDoesNotGrow() {
    Scene scene = scene((picture, seconds) -> {});
    List<Packet> packets = record(Coding.H264, scene, 46);
    motionIn(Coding.H264, scene, packets, "suspicious");
    long before = Pointer.totalCount();
    long bytesBefore = Pointer.physicalBytes();

    for (int i = 0; i < 2; i++) {
      motionIn(Coding.H264, scene, packets, "suspicious");
    }

    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    // Leaking the decoded keyframes would take 14 MiB.
    assertThat(Pointer.physicalBytes() - bytesBefore).isLessThan(10 << 20);
    packets.forEach(Packet::close);
  }

  /** Packets of the first three walks are larger, as from a camera whose sizes reveal motion. */
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

  /** Decoders skip zeros after a frame (H.264, B.1: trailing_zero_8bits). */
  private static void pad(Packet packet, int size) {
    int before = packet.size();
    assertThat(av_grow_packet(packet.data(), size - before)).isZero();
    packet.data().data().position(before).put(new byte[size - before]).position(0);
  }

  private static List<Event> motionIn(
      Coding coding, Scene scene, List<Packet> packets, String decode) {
    return motionIn(coding, scene, packets, Map.of("MOTION_DECODE", decode));
  }

  private static List<Event> motionIn(
      Coding coding, Scene scene, List<Packet> packets, Map<String, String> environment) {
    MotionSettings settings = MotionSettings.from(Settings.of(environment));
    try (DrawnStream stream = new DrawnStream(coding, scene, FPS);
        StreamMotionDetector detector =
            new StreamMotionDetector("camera", stream.info(), settings)) {
      return DetectedMotion.of(detector, packets).events();
    }
  }

  /** A person 80 pixels wide and 160 high, in the picture between two times. */
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
