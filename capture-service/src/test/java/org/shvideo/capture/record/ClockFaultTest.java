package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.PendingClip;
import org.shvideo.capture.testing.Footage;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.VideoFolder;

/** The time of day jumps: clips keep their lengths, and none replaces another. */
class ClockFaultTest {
  private static final ClipSettings SETTINGS =
      new ClipSettings(Duration.ofSeconds(4), Duration.ofSeconds(1), 1 << 20, RecordMode.COPY);
  private static final Duration FRAME = Duration.ofMillis(100);
  private static final MotionState STILL = new MotionState(false, 0);

  private static Footage footage;

  @TempDir Path root;
  private final JumpingClock clock = new JumpingClock();
  private final List<Job> published = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void film() {
    footage = Footage.h264(10, 10, 200);
  }

  @AfterAll
  static void free() {
    footage.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1H", "PT-1H", "P3650D", "PT-0.5S"})
  void clockJumpChangesNoLengthAndLosesNoClip(Duration jump) throws IOException {
    clock.set("2026-02-23T12:00:00Z", "UTC");
    try (ClipStore store = store();
        ClipRecorder recorder = recorder(store)) {
      feed(recorder, 0, 20, STILL);
      feed(recorder, 20, 40, moving(20)); // the first clip lasts to 50
      clock.jump(jump);
      feed(recorder, 40, 100, STILL);
      feed(recorder, 100, 110, moving(100));
      feed(recorder, 110, 200, STILL);
    }

    assertThat(published).hasSize(2);
    for (Job job : published) {
      RecordedClip clip = RecordedClip.read(root.resolve(job.filename()));
      assertThat(clip.seconds()).isCloseTo(4, within(0.001));
      assertThat(clip.frameRate()).isEqualTo(10);
      assertThat(clip.slots()).isSorted().doesNotHaveDuplicates();
    }
    assertThat(
            Duration.between(published.get(0).recordedAt(), published.get(1).recordedAt())
                .minus(jump))
        .as("apart from the jump, the distance of the recordings")
        .isEqualTo(Duration.ofSeconds(8));
  }

  /**
   * A computer without a battery for its clock begins in 1970, until the network tells the time.
   */
  @Test
  void aClipInProgressWhenTheClockIsSetHasTheTrueTimeAndOthersSayThatItWasNotSet()
      throws IOException {
    for (int start = 0; start < 2; start++) {
      clock.set("1970-01-01T00:00:12Z", "UTC");
      try (ClipStore store = store();
          ClipRecorder recorder = recorder(store)) {
        feed(recorder, 0, 40, moving(0));
        feed(recorder, 40, 80, moving(40));
        feed(recorder, 80, 100, moving(80));
        int before = 3 * start + 2;
        await().until(() -> published.size() == before);
        clock.set("2026-02-23T12:00:00Z", "UTC");
        feed(recorder, 100, 200, STILL);
      }
    }

    // This clock runs faster than the steady one, so the seconds depend on the machine.
    assertThat(published)
        .extracting(job -> job.filename().replaceFirst("20260223-1[12]\\d{4}(-2)?", "true-time"))
        .containsExactly(
            "19700101-000012-clock-not-set.avi",
            "19700101-000016-clock-not-set.avi",
            "true-time.avi",
            "19700101-000012-clock-not-set-2.avi",
            "19700101-000016-clock-not-set-2.avi",
            "true-time.avi");
    assertThat(published)
        .extracting(job -> job.recordedAt().getYear())
        .containsExactly(1970, 1970, 2026, 1970, 1970, 2026);
  }

  @Test
  void repeatedTimeOverwritesNothing() throws IOException {
    List<List<byte[]>> recorded = new ArrayList<>();
    for (int time = 0; time < 3; time++) {
      clock.set("2026-02-23T12:00:00Z", "UTC");
      try (ClipStore store = store();
          ClipRecorder recorder = recorder(store)) {
        int from = time * 50;
        feed(recorder, from, from + 40, moving(from));
        recorded.add(footage.data().subList(from, from + 40));
      }
    }

    assertThat(published)
        .extracting(Job::filename)
        .containsExactly("20260223-120000.avi", "20260223-120000-2.avi", "20260223-120000-3.avi");
    for (int time = 0; time < 3; time++) {
      assertThat(RecordedClip.read(root.resolve(published.get(time).filename())).data())
          .containsExactlyElementsOf(recorded.get(time));
    }
  }

  @Test
  void repeatedHourInAutumnKeepsTheOrder() throws IOException {
    for (String utc : List.of("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")) {
      clock.set(utc, "Europe/Kyiv");
      try (ClipStore store = store();
          ClipRecorder recorder = recorder(store)) {
        feed(recorder, 0, 40, moving(0));
      }
    }

    assertThat(published)
        .extracting(Job::filename)
        .containsExactly("20261025-033000.avi", "20261025-033000-2.avi");
    assertThat(published)
        .extracting(job -> job.recordedAt().toString())
        .containsExactly("2026-10-25T03:30+03:00", "2026-10-25T03:30+02:00");
    assertThat(published).extracting(job -> job.recordedAt().toInstant()).isSorted();
  }

  @Test
  void skippedHourInSpringLeavesNoGap() throws IOException {
    clock.set("2026-03-29T00:59:59Z", "Europe/Kyiv");
    try (ClipStore store = store();
        ClipRecorder recorder = recorder(store)) {
      feed(recorder, 0, 90, moving(0));
    }

    assertThat(published)
        .extracting(Job::filename)
        .containsExactly("20260329-025959.avi", "20260329-040003.avi", "20260329-040007.avi");
  }

  @Test
  void changedTimeZoneKeepsTheTimeOfUnfinishedClips() throws IOException {
    clock.set("2026-02-23T12:00:00Z", "UTC");
    try (ClipStore store = store()) {
      OffsetDateTime then = OffsetDateTime.parse("2026-02-23T12:00:00Z");
      PendingClip pending = store.begin("door", then, ".avi");
      try (CopyClipWriter writer =
          new CopyClipWriter(
              pending.file(),
              footage.info().parameters(),
              new FrameRate(10, 1),
              pending.metadata())) {
        for (int i = 0; i < 40; i++) {
          try (var packet = footage.packet(i)) {
            writer.write(packet);
          }
        }
      }
    }
    clock.set("2026-02-23T10:00:00Z", "Europe/Kyiv"); // 12:00:00 there

    try (ClipStore store = store();
        ClipRecorder recorder = recorder(store)) {
      feed(recorder, 0, 40, moving(0));
    }

    assertThat(published)
        .extracting(Job::filename)
        .containsExactly("20260223-120000.avi", "20260223-120000-2.avi");
    assertThat(published)
        .extracting(job -> job.recordedAt().toString())
        .containsExactly("2026-02-23T12:00Z", "2026-02-23T12:00+02:00");
    try (Stream<Path> files = Files.list(root)) {
      assertThat(files.filter(file -> file.toString().endsWith(".avi"))).hasSize(2);
    }
  }

  private ClipStore store() throws IOException {
    return ClipStore.open(
        new VideoFolder(root),
        false,
        clock,
        new ClipListener() {
          @Override
          public void published(Path clip, Job job) {
            published.add(job);
          }
        });
  }

  private ClipRecorder recorder(ClipStore store) {
    return new ClipRecorder("door", footage.info(), SETTINGS, store, clock, clock::nanoTime);
  }

  /** Each frame arrives when it is due by the monotonic clock; the time of day advances with it. */
  private void feed(ClipRecorder recorder, int from, int to, MotionState motion) {
    for (int i = from; i < to; i++) {
      var packet = footage.packet(i);
      clock.arrival(packet.arrivalNanos());
      recorder.accept(packet, motion);
      clock.jump(FRAME);
    }
  }

  private static MotionState moving(int sinceFrame) {
    return new MotionState(true, sinceFrame * 100_000L);
  }

  /** The time of day, which jumps, and a monotonic clock, which does not. */
  private static final class JumpingClock extends Clock {
    private Instant now;
    private ZoneId zone;
    private long nanos;

    void set(String instant, String inZone) {
      now = Instant.parse(instant);
      zone = ZoneId.of(inZone);
    }

    void jump(Duration by) {
      now = now.plus(by);
    }

    void arrival(long at) {
      nanos = at;
    }

    long nanoTime() {
      return nanos;
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
      throw new UnsupportedOperationException();
    }
  }
}
