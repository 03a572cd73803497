package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_clone;

import java.io.IOException;
import java.nio.ByteBuffer;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.Packet.SpeedCorrection;
import org.shvideo.capture.testing.Footage;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.capture.testing.Samples;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;

/** A camera with 10 frames/s and a keyframe every second, and clips of 4 s. */
class ClipRecorderTest {
  private static final Instant BEGIN = Instant.parse("2026-02-23T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(BEGIN, ZoneOffset.UTC);
  private static final ClipSettings COPY =
      new ClipSettings(Duration.ofSeconds(4), Duration.ofSeconds(1), 1 << 20, RecordMode.COPY);
  private static final ClipSettings CONTINUOUS =
      new ClipSettings(
          Duration.ofSeconds(4), Duration.ofSeconds(1), 1 << 20, RecordMode.COPY, true);
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
  void continuousRecordingHasEachPacketOnce() throws IOException {
    try (ClipRecorder recorder = recorder(footage, CONTINUOUS)) {
      feed(recorder, 0, 106, STILL);
      // Motion began with frame 102, the pre-roll with 92, whose keyframe is 90.
      feed(recorder, 106, 112, movingSince(102));
      feed(recorder, 112, 200, STILL);
    }

    List<RecordedClip> continuous = clipsIn(folder.continuous());
    assertThat(clips()).hasSize(1);
    assertThat(clips().get(0).data()).containsExactlyElementsOf(footage.data().subList(90, 130));
    assertThat(continuous)
        .extracting(clip -> clip.data().size())
        .containsExactly(40, 40, 10, 40, 30);
    assertThat(continuous).allMatch(clip -> clip.keyframes().get(0));
    assertThat(continuous.stream().flatMap(clip -> clip.data().stream()).toList())
        .containsExactlyElementsOf(
            Stream.concat(footage.data().stream().limit(90), footage.data().stream().skip(130))
                .toList());
    assertThat(folder.outbox().toFile().list()).hasSize(1);
  }

  @Test
  void continuousRecordingHasGopsThatAreTooLargeForThePreRoll() throws IOException {
    ClipSettings settings =
        new ClipSettings(COPY.length(), COPY.preRoll(), 2_000, RecordMode.COPY, true);
    try (ClipRecorder recorder = recorder(footage, settings)) {
      feed(recorder, 0, 200, STILL);
    }

    assertThat(clipsIn(folder.continuous()).stream().flatMap(clip -> clip.data().stream()).toList())
        .containsExactlyElementsOf(footage.data());
  }

  @Test
  void continuousRecordingThatACrashCutOffIsSalvagedWithoutAJob() throws IOException {
    ClipRecorder recorder = recorder(footage, CONTINUOUS);
    feed(recorder, 0, 150, STILL);
    store.close(); // the second clip stays open, as after a crash
    store = ClipStore.open(folder, false, CLOCK, ClipListener.NONE);

    List<RecordedClip> continuous = clipsIn(folder.continuous());
    List<byte[]> recorded = continuous.stream().flatMap(clip -> clip.data().stream()).toList();
    assertThat(continuous).hasSize(3);
    assertThat(continuous.get(2).metadata()).containsEntry("comment", "salvaged");
    assertThat(recorded).containsExactlyElementsOf(footage.data().subList(0, recorded.size()));
    assertThat(clips()).isEmpty();
    assertThat(folder.outbox().toFile().list()).isEmpty();
    recorder.close();
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
  void clipEndsAtAKeyframe() throws IOException {
    ClipSettings settings =
        new ClipSettings(Duration.ofMillis(3_500), Duration.ZERO, 1 << 20, RecordMode.COPY);
    try (ClipRecorder recorder = recorder(footage, settings)) {
      feed(recorder, 0, 65, movingSince(0));
      // Motion ends after the length of the second clip, before the next keyframe.
      feed(recorder, 65, 77, movingSince(0));
      feed(recorder, 77, 200, STILL);
    }

    assertThat(clips()).extracting(clip -> clip.data().size()).containsExactly(40, 40);
  }

  /** Each motion is recorded from its first frame on, and no packet twice. */
  @ParameterizedTest(name = "GOPs of {0} frames, clips of {1} s, motions at {2}")
  @CsvSource({
    "80, 1, 0 20 40 60",
    "80, 1, 70 85 110 159",
    "80, 4, 20 75 81 118 121",
    "200, 1, 5 30 60 100 140 190",
    "10, 4, 12 47 49 52 90 95 99 101",
    "1, 1, 3 15 16 29 44",
  })
  void noPacketIsInTwoClips(int gop, int seconds, String motions) throws IOException {
    ClipSettings settings =
        new ClipSettings(
            Duration.ofSeconds(seconds), Duration.ofSeconds(2), 1 << 20, RecordMode.COPY);
    List<Integer> begins = Stream.of(motions.split(" ")).map(Integer::valueOf).toList();
    try (Footage source = Footage.h264(10, gop, 200)) {
      try (ClipRecorder recorder = recorder(source, settings)) {
        for (int i = 0; i < 200; i++) {
          int frame = i;
          MotionState motion =
              begins.stream()
                  .filter(begin -> begin + 2 <= frame && frame < begin + 5)
                  .findFirst()
                  .map(ClipRecorderTest::movingSince)
                  .orElse(STILL);
          recorder.accept(source.packet(i), motion);
        }
      }
      List<byte[]> recorded = clips().stream().flatMap(clip -> clip.data().stream()).toList();
      List<Integer> numbers = numbers(recorded, source.data());
      assertThat(numbers).doesNotHaveDuplicates().isSorted();
      assertThat(numbers)
          .containsAll(begins.stream().flatMap(begin -> Stream.of(begin, begin + 4)).toList());
      assertThat(clips()).allMatch(clip -> clip.keyframes().get(0));
    }
  }

  private static List<Integer> numbers(List<byte[]> recorded, List<byte[]> source) {
    List<ByteBuffer> all = source.stream().map(ByteBuffer::wrap).toList();
    assertThat(all).doesNotHaveDuplicates();
    return recorded.stream().map(data -> all.indexOf(ByteBuffer.wrap(data))).toList();
  }

  /**
   * The picture is complete 36 frames after the keyframes 60, 120, 180, and at once with the first.
   */
  @ParameterizedTest
  @CsvSource({"105, 0", "106, 60", "125, 60", "165, 60", "166, 120", "175, 120"})
  void clipBeginsWhereGradualRefreshIsCompleteBeforeThePreRoll(int motion, int begin)
      throws IOException {
    try (Footage gradual = Footage.of(Samples.file("gradual-refresh.nut"))) {
      try (ClipRecorder recorder = recorder(gradual, COPY)) {
        for (int i = 0; i < motion + 5; i++) {
          recorder.accept(gradual.packet(i), i < motion + 2 ? STILL : movingSince(motion));
        }
      }
      assertThat(clips()).hasSize(1);
      assertThat(numbers(clips().get(0).data(), gradual.data()))
          .startsWith(begin)
          .endsWith(motion + 4)
          .hasSize(motion + 5 - begin);
    }
  }

  @Test
  void noPictureIsMissingBetweenClipsWithGradualRefresh() throws IOException {
    try (Footage gradual = Footage.of(Samples.file("gradual-refresh.nut"))) {
      try (ClipRecorder recorder = recorder(gradual, COPY)) {
        for (int i = 0; i < 200; i++) {
          recorder.accept(gradual.packet(i), movingSince(0));
        }
      }
      List<RecordedClip> clips = clips();
      // The first clip of 4 s ends when the second GOP's picture is complete.
      assertThat(numbers(clips.get(0).data(), gradual.data())).startsWith(0).hasSize(96);
      assertThat(numbers(clips.get(1).data(), gradual.data())).startsWith(60).hasSize(96);
    }
  }

  /** The stream's frames come at 5 a second, which shows after 40 of them stamped as 10. */
  @ParameterizedTest
  @CsvSource({"15, 0", "34, 20", "35, 30", "38, 30"})
  void timesFromBeforeTheSpeedWasKnownAreCorrected(int motion, int begin) throws IOException {
    try (ClipRecorder recorder = recorder(footage, COPY)) {
      for (int i = 0; i < 120; i++) {
        if (i == 40) {
          recorder.correct(new SpeedCorrection(39 * 100_000, 2));
        }
        long micros = i < 40 ? i * 100_000L : 3_900_000 + (i - 39) * 200_000L;
        recorder.accept(
            footage.packet(i, micros),
            i < motion + 6 || i > motion + 20 ? STILL : movingSince(motion));
      }
    }

    assertThat(numbers(clips().get(0).data(), footage.data())).startsWith(begin);
    assertThat(clips())
        .allSatisfy(
            clip -> assertThat(clip.seconds()).isCloseTo(clip.data().size() / 5.0, within(0.2)));
  }

  @Test
  void asksForAKeyframeWhenNoneComesForAMinute() throws IOException {
    try (Footage source = Footage.h264(10, 2_000, 1_000);
        ClipRecorder recorder = recorder(source, COPY)) {
      for (int i = 0; i < 600; i++) {
        recorder.accept(source.packet(i), STILL);
        assertThat(recorder.needsKeyframe()).as("frame %d", i).isFalse();
      }
      recorder.accept(source.packet(601), STILL);
      assertThat(recorder.needsKeyframe()).isTrue();
    }
  }

  @Test
  void endsAClipThatGetsNoKeyframe() throws IOException {
    try (Footage source = Footage.h264(10, 2_000, 1_000);
        ClipRecorder recorder = recorder(source, COPY)) {
      int asked = 0;
      for (int i = 0; i < 1_000; i++) {
        recorder.accept(source.packet(i), i < 700 ? movingSince(0) : STILL);
        asked = asked == 0 && recorder.needsKeyframe() ? i : asked;
      }
      // After the clip's 4 s, as long as a GOP may be.
      assertThat(asked).isEqualTo(641);
    }
    assertThat(clips().get(0).data()).hasSize(700);
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
  void copiesCodecsThatAviCannotHoldIntoMatroska() throws IOException {
    List<byte[]> original;
    try (Footage hevc = Footage.of(Samples.file("hevc.mp4"));
        ClipRecorder recorder = recorder(hevc, COPY)) {
      for (int i = 0; i < 60; i++) {
        recorder.accept(hevc.packet(i), i < 10 ? STILL : new MotionState(i < 20, 500_000));
      }
      original = hevc.data();
    }

    assertThat(root.resolve("20260223-120000.mkv")).exists();
    assertThat(clips()).hasSize(1);
    assertThat(clips().get(0).codec()).isEqualTo("hevc");
    assertThat(clips().get(0).data()).containsExactlyElementsOf(original.subList(0, 48));
    assertThat(clips().get(0).decoded()).isEqualTo(48);
    assertThat(clips().get(0).seconds()).isCloseTo(4, within(0.2));
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
      assertThat(recorder.needsKeyframe()).isFalse();
    }

    assertThat(clips().stream().flatMap(clip -> clip.data().stream()).toList())
        .containsExactlyElementsOf(footage.data().subList(0, 100));
  }

  @Test
  void asksForAKeyframeWhenAGopExceedsThePreRollLimit() throws IOException {
    ClipSettings settings = new ClipSettings(COPY.length(), COPY.preRoll(), 2_000, RecordMode.COPY);
    try (ClipRecorder recorder = recorder(footage, settings)) {
      feed(recorder, 0, 9, STILL);
      assertThat(recorder.needsKeyframe()).isFalse();
      // Nothing is there to begin a clip with.
      feed(recorder, 9, 10, movingSince(8));
      assertThat(recorder.needsKeyframe()).isTrue();
    }
    try (Footage source = Footage.h264(10, 2_000, 210);
        ClipRecorder recorder = recorder(source, settings)) {
      for (int i = 0; i < 210; i++) {
        recorder.accept(source.packet(i), STILL);
        assertThat(recorder.needsKeyframe()).as("frame %d", i).isEqualTo(i > 200);
      }
    }
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
    return clipsIn(root);
  }

  private static List<RecordedClip> clipsIn(Path parent) throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files
          .filter(file -> ClipName.isClip(file.getFileName().toString()))
          .sorted()
          .map(RecordedClip::read)
          .toList();
    }
  }
}
