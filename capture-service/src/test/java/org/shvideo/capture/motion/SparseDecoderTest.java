package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_free;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.capture.motion.DrawnStream.Coding;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.slf4j.LoggerFactory;

@Tag("video")
class SparseDecoderTest {
  private static final Scene SCENE =
      Scene.of(
          320, 180, (picture, seconds) -> Scene.box(picture, 30 * seconds % 280, 60, 40, 80, 30));

  private final Logger logger = (Logger) LoggerFactory.getLogger(SparseDecoder.class);
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  @BeforeEach
  void listen() {
    told.start();
    logger.addAppender(told);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(told);
  }

  @ParameterizedTest(name = "{0} at {1} frames a second, {2} wanted: {3} in 8 s")
  @CsvSource({
    "H264, 25, 5, 40",
    "H264, 12, 5, 40",
    "H264, 5, 5, 40",
    "H264, 4, 5, 32",
    "H264, 25, 0.5, 4",
    "H264, 25, 60, 200",
    "H264_KEYFRAMES_ONLY, 15, 5, 40",
    "H264_KEYFRAMES_ONLY, 4, 5, 32",
    "MPEG4_B_FRAMES, 25, 5, 40",
    "MPEG4_B_FRAMES, 6, 5, 40",
    "MJPEG, 15, 5, 40",
    "MJPEG, 5, 5, 40",
    "MJPEG, 4, 5, 32",
    "FFV1_10_BIT, 10, 5, 40",
  })
  void returnsTheRequestedNumberOfFrames(Coding coding, int fps, double wanted, int expected) {
    try (DrawnStream stream = new DrawnStream(coding, SCENE, fps);
        SparseDecoder decoder = new SparseDecoder("yard", stream.info(), wanted, 320)) {
      List<Long> looks = new ArrayList<>();
      List<Long> stamps = new ArrayList<>();
      for (int i = 0; i < 8 * fps; i++) {
        try (Packet packet = stream.next()) {
          stamps.add(packet.ptsMicros());
          looks.addAll(decode(decoder, packet));
        }
      }

      assertThat(looks.size()).isCloseTo(expected, withPercentage(13));
      assertThat(stamps).containsAll(looks);
      assertThat(looks).isSorted().doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @CsvSource({"MJPEG, 0", "H264_KEYFRAMES_ONLY, 12"})
  void decodesOnlyReturnedFramesOfIntraOnlyStreams(Coding coding, int learning) {
    try (DrawnStream stream = new DrawnStream(coding, SCENE, 25);
        SparseDecoder decoder = new SparseDecoder("yard", stream.info(), 5, 320)) {
      TreeSet<Long> looks = new TreeSet<>();
      for (int i = 0; i < 100; i++) {
        try (Packet packet = stream.next()) {
          boolean due = looks.isEmpty() || packet.ptsMicros() - looks.last() > 170_000;
          if (!due && i > learning) {
            garble(packet);
          }
          looks.addAll(decode(decoder, packet));
        }
      }

      assertThat(looks.size()).isBetween(19, 21);
      assertThat(told.list).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"H264", "MPEG4_B_FRAMES"})
  void waitsForTheFirstKeyframe(Coding coding) {
    try (DrawnStream stream = new DrawnStream(coding, SCENE, 10);
        SparseDecoder decoder = new SparseDecoder("yard", stream.info(), 10, 320)) {
      stream.next().close();

      assertFirstLookIsAtTheNextKeyframe(decoder, stream);
      assertThat(told.list).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"H264", "MPEG4_B_FRAMES"})
  void waitsForAKeyframeAfterADamagedPacket(Coding coding) {
    try (DrawnStream stream = new DrawnStream(coding, SCENE, 10);
        SparseDecoder decoder = new SparseDecoder("yard", stream.info(), 10, 320)) {
      for (int i = 0; i < 4; i++) {
        try (Packet packet = stream.next()) {
          decode(decoder, packet);
        }
      }
      try (Packet garbage = stream.next()) {
        garble(garbage);
        assertThat(decode(decoder, garbage)).isEmpty();
      }

      assertFirstLookIsAtTheNextKeyframe(decoder, stream);
      assertThat(told.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .singleElement()
          .asString()
          .isEqualTo(
              "Camera yard: 1 packets could not be decoded. Motion detection resumes at the next"
                  + " keyframe.");
    }
  }

  @Test
  void asksForAKeyframeThatDoesNotComeAfterADamagedPacket() {
    try (DrawnStream stream = new DrawnStream(Coding.H264, SCENE, 10);
        SparseDecoder decoder = new SparseDecoder("yard", stream.info(), 10, 320)) {
      for (int i = 0; i < 130; i++) {
        try (Packet packet = stream.next()) {
          if (i == 20) {
            garble(packet);
          }
          if (i <= 20 || !packet.keyframe()) {
            decode(decoder, packet);
          }
        }
        assertThat(decoder.needsKeyframe()).as("frame %d", i).isEqualTo(i > 120);
      }
      Packet next = stream.next();
      while (!next.keyframe()) {
        next.close();
        next = stream.next();
      }
      decode(decoder, next);
      next.close();
      assertThat(decoder.needsKeyframe()).isFalse();
    }
  }

  private static void assertFirstLookIsAtTheNextKeyframe(
      SparseDecoder decoder, DrawnStream stream) {
    long keyframe = -1;
    List<Long> looks = new ArrayList<>();
    while (looks.isEmpty()) {
      try (Packet packet = stream.next()) {
        if (keyframe < 0 && packet.keyframe()) {
          keyframe = packet.ptsMicros();
        }
        looks.addAll(decode(decoder, packet));
      }
    }
    assertThat(looks.get(0)).isEqualTo(keyframe);
  }

  @Test
  void logsErrorsOnceASecondWithTheirNumber() {
    try (DrawnStream stream = new DrawnStream(Coding.MJPEG, SCENE, 10);
        SparseDecoder decoder = new SparseDecoder("yard", stream.info(), 10, 320)) {
      for (int i = 0; i < 35; i++) {
        try (Packet packet = stream.next()) {
          garble(packet);
          decode(decoder, packet);
        }
      }

      assertThat(told.list)
          .extracting(event -> event.getArgumentArray()[1])
          .containsExactly(1, 10, 10, 10);
    }
  }

  @Test
  void rejectsACodecWithoutDecoder() {
    AVCodecParameters parameters = avcodec_parameters_alloc();
    parameters.codec_id(0x7FFF);
    StreamInfo info = new StreamInfo("odd", 320, 180, 10, parameters);

    assertThatThrownBy(() -> new SparseDecoder("yard", info, 5, 320))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("yard", "unknown_codec");
    avcodec_parameters_free(parameters);
  }

  private static List<Long> decode(SparseDecoder decoder, Packet packet) {
    List<Long> looks = new ArrayList<>();
    decoder.send(packet);
    for (AVFrame frame = decoder.next(); frame != null; frame = decoder.next()) {
      looks.add(frame.pts());
    }
    return looks;
  }

  /** Leaves nothing of a packet's content but its length. */
  static void garble(Packet packet) {
    byte[] garbage = new byte[packet.size()];
    new Random(packet.ptsMicros()).nextBytes(garbage);
    packet.data().data().put(garbage);
  }
}
