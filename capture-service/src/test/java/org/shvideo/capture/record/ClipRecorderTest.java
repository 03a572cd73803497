package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_clone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.testing.Footage;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.capture.testing.Samples;
import org.shvideo.tasks.video.VideoFolder;

/** A camera with 10 frames/s and a keyframe every second, and clips of 4 s. */
class ClipRecorderTest {
  private static final Instant BEGIN = Instant.parse("2026-02-23T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(BEGIN, ZoneOffset.UTC);
  private static final ClipSettings COPY =
      new ClipSettings(Duration.ofSeconds(4), Duration.ofSeconds(1), 1 << 20, RecordMode.COPY);
  private static final MotionState STILL = new MotionState(false, 0);

  private static Footage footage;

  @TempDir Path root;
  private VideoFolder folder;
  private ClipStore store;
  private long nanos;

  @BeforeAll
  static void film() {
    footage = Footage.h264(10, 10, 200);
  }

  @AfterAll
  static void free() {
    footage.close();
  }

  @BeforeEach
  void open() throws IOException {
    folder = new VideoFolder(root);
    store = ClipStore.open(folder, false, CLOCK, ClipListener.NONE);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void recordsNothingWithoutMotion() throws IOException {
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 0, 200, STILL);
    }

    assertThat(clips()).isEmpty();
    assertThat(folder.recording().toFile().list()).containsExactly(".lock");
  }

  @Test
  void clipBeginsAtTheKeyframeBeforeThePreRoll() throws IOException {
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 0, 66, STILL);
      // Motion began with frame 62, the pre-roll with 52, whose keyframe is 50.
      feed(recorder, 66, 70, movingSince(62));
      feed(recorder, 70, 200, STILL);
    }

    assertThat(clips()).hasSize(1);
    assertThat(clips().get(0).data()).containsExactlyElementsOf(footage.data().subList(50, 90));
    assertThat(clips().get(0).keyframes().get(0)).isTrue();
    assertThat(clips().get(0).frameRate()).isEqualTo(10);
    assertThat(clips().get(0).seconds()).isCloseTo(4, within(0.001));
  }

  @Test
  void clipBeginsWithTheOldestKeyframeHeld() throws IOException {
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 25, 35, movingSince(24));
    }

    assertThat(clips()).hasSize(1);
    assertThat(clips().get(0).data()).containsExactlyElementsOf(footage.data().subList(30, 35));
  }

  @Test
  void continuingMotionGivesContiguousClips() throws IOException {
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 0, 25, STILL);
      feed(recorder, 25, 140, movingSince(25));
      feed(recorder, 140, 200, STILL);
    }

    List<RecordedClip> clips = clips();
    assertThat(clips).extracting(clip -> clip.data().size()).containsExactly(40, 40, 40, 40);
    assertThat(clips).allMatch(clip -> clip.keyframes().get(0));
    assertThat(clips.stream().flatMap(clip -> clip.data().stream()).toList())
        .containsExactlyElementsOf(footage.data().subList(10, 170));
  }

  @Test
  void pauseLetsTheClipEndAndBeginsNoOther() throws IOException {
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 0, 15, movingSince(0));
      store.pause(true);
      feed(recorder, 15, 95, movingSince(0));
      store.pause(false);
      feed(recorder, 95, 100, movingSince(0));
      feed(recorder, 100, 200, STILL);
    }

    List<RecordedClip> clips = clips();
    assertThat(clips).hasSize(2);
    assertThat(clips.get(0).data()).containsExactlyElementsOf(footage.data().subList(0, 40));
    // The pre-roll was kept during the pause.
    assertThat(clips.get(1).data()).containsExactlyElementsOf(footage.data().subList(40, 100));
  }

  @Test
  void clipEndsAtAKeyframeWhileMotionContinues() throws IOException {
    ClipSettings settings =
        new ClipSettings(Duration.ofMillis(3_500), Duration.ZERO, 1 << 20, RecordMode.COPY);
    try (ClipRecorder recorder = recorder(footage, settings)) {
      feed(recorder, 0, 65, movingSince(0));
      // Motion ends after the length of the second clip, before the next keyframe.
      feed(recorder, 65, 77, movingSince(0));
      feed(recorder, 77, 200, STILL);
    }

    assertThat(clips()).extracting(clip -> clip.data().size()).containsExactly(40, 37);
  }

  @Test
  void laterMotionBeginsANewClip() throws IOException {
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 0, 5, movingSince(0));
      feed(recorder, 5, 100, STILL);
      feed(recorder, 100, 105, movingSince(100));
      feed(recorder, 105, 200, STILL);
    }

    assertThat(clips())
        .extracting(RecordedClip::data)
        .satisfiesExactly(
            first -> assertThat(first).containsExactlyElementsOf(footage.data().subList(0, 40)),
            second ->
                assertThat(second).containsExactlyElementsOf(footage.data().subList(90, 130)));
  }

  @Test
  void closePublishesTheClipInProgress() throws IOException {
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 0, 13, movingSince(0));
    }

    assertThat(clips()).hasSize(1);
    assertThat(clips().get(0).data()).containsExactlyElementsOf(footage.data().subList(0, 13));
    assertThat(store.outbox().clips()).hasSize(1);
  }

  @Test
  void clipHasTheCaptureTimeOfItsFirstPacket() throws IOException {
    // It is 12:00:00, and packet 30 has just arrived.
    nanos = 3_000_000_000L;
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 0, 30, STILL);
      feed(recorder, 30, 31, movingSince(30));
    }

    assertThat(Files.exists(root.resolve("20260223-115959.avi"))).isTrue();
    assertThat(store.outbox().get("20260223-115959.avi").orElseThrow().recordedAt())
        .isEqualTo("2026-02-23T11:59:59Z");
  }

  @Test
  void initialBurstDoesNotShiftTheCaptureTime() throws IOException {
    nanos = 3_000_000_000L;
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      for (int i = 0; i <= 30; i++) {
        try (Packet packet = footage.packet(i)) {
          // The first two seconds arrive at once, as from a server that caches the last GOPs.
          long arrival = Math.max(packet.arrivalNanos(), 2_000_000_000L);
          Packet late =
              new Packet(
                  av_packet_clone(packet.data()), packet.ptsMicros(), packet.dtsMicros(), arrival);
          recorder.accept(late, i < 30 ? STILL : movingSince(20));
        }
      }
    }

    assertThat(store.outbox().get("20260223-115958.avi").orElseThrow().recordedAt())
        .isEqualTo("2026-02-23T11:59:58Z");
  }

  @Test
  void reEncodesCodecsThatAviCannotHold() throws IOException {
    try (Footage hevc = Footage.of(Samples.file("hevc.mp4"));
        ClipRecorder recorder = recorder(hevc, COPY)) {
      for (int i = 0; i < 60; i++) {
        recorder.accept(hevc.packet(i), i < 10 ? STILL : new MotionState(i < 20, 500_000));
      }
    }

    assertThat(clips()).hasSize(1);
    assertThat(clips().get(0).tag()).isEqualTo("XVID");
    assertThat(clips().get(0).decoded()).isEqualTo(48);
    assertThat(clips().get(0).seconds()).isCloseTo(4, within(0.001));
  }

  @Test
  void reEncodesEverythingInEncodeMode() throws IOException {
    ClipSettings settings =
        new ClipSettings(COPY.length(), COPY.preRoll(), 1 << 20, RecordMode.ENCODE);
    try (ClipRecorder recorder = recorder(footage, settings)) {
      feed(recorder, 0, 100, movingSince(0));
    }

    assertThat(clips())
        .extracting(clip -> clip.codec() + " " + clip.decoded())
        .containsExactly("mpeg4 40", "mpeg4 40", "mpeg4 20");
  }

  @Test
  void retriesAfterAnError() throws IOException {
    Files.delete(folder.outbox());
    Files.createFile(folder.outbox());
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      feed(recorder, 0, 30, movingSince(0));
      Files.delete(folder.outbox());
      nanos += Duration.ofMillis(9_900).toNanos();
      feed(recorder, 30, 31, movingSince(0));
      assertThat(Files.exists(folder.outbox())).isFalse();

      nanos += Duration.ofMillis(200).toNanos();
      feed(recorder, 31, 50, movingSince(0));
    }

    assertThat(clips().stream().flatMap(clip -> clip.data().stream()).toList())
        .containsExactlyElementsOf(footage.data().subList(0, 50));
  }

  @Test
  void clipContinuesWhenAGopExceedsThePreRollLimit() throws IOException {
    ClipSettings settings = new ClipSettings(COPY.length(), COPY.preRoll(), 2_000, RecordMode.COPY);
    try (ClipRecorder recorder = recorder(footage, settings)) {
      feed(recorder, 0, 100, movingSince(0));
    }

    assertThat(clips().stream().flatMap(clip -> clip.data().stream()).toList())
        .containsExactlyElementsOf(footage.data().subList(0, 100));
  }

  private ClipRecorder recorder(Footage source, ClipSettings settings) {
    return new ClipRecorder("door", source.info(), settings, store, CLOCK, () -> nanos);
  }

  private static void feed(ClipRecorder recorder, int from, int to, MotionState motion) {
    for (int i = from; i < to; i++) {
      recorder.accept(footage.packet(i), motion);
    }
  }

  private static MotionState movingSince(int frame) {
    return new MotionState(true, frame * 100_000L);
  }

  /** Sorted by name, and so by time. */
  private List<RecordedClip> clips() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files
          .filter(file -> file.toString().endsWith(".avi"))
          .sorted()
          .map(RecordedClip::read)
          .toList();
    }
  }
}
