package org.shvideo.capture.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.PendingClip;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;

/** The system's clock is wrong: no clip is deleted that is not as old as the limit says. */
class RetentionClockTest {
  private static final ZoneId ZONE = ZoneId.of("Europe/Kyiv");
  private static final int DAYS = 10;
  private static final RetentionSettings BY_AGE = new RetentionSettings(0, DAYS, 0);

  @TempDir Path root;
  private final WrongClock clock = new WrongClock();
  private final Map<String, Instant> recorded = new LinkedHashMap<>();
  private VideoFolder folder;
  private DetectionLog log;
  private ClipStore store;
  private Retention retention;

  /** What time it is, and how wrong the clock is. */
  private Instant now = Instant.parse("2026-10-20T12:00:00Z");

  private Duration error = Duration.ZERO;

  @BeforeEach
  void open() throws IOException {
    folder = new VideoFolder(root);
    log = new DetectionLog(folder.log());
    store = ClipStore.open(folder, false, clock, ClipListener.NONE);
    start();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @ParameterizedTest(name = "{0}, restart: {1}")
  @CsvSource({
    "P3650D, false",
    "P3650D, true",
    "P1D, false",
    "P1D, true",
    "PT2H, true",
    "P40D, true",
    "P-3650D, false",
    "P-3650D, true",
    "P-1D, false",
    "P-1D, true",
    "P-20454D, true",
  })
  void aLeapDeletesNothing(Duration leap, boolean restart) throws Exception {
    record(50, Duration.ofHours(4)); // over eight days
    error = leap;
    if (restart) {
      start();
    }
    for (int minute = 0; minute < 10; minute++) {
      pass(Duration.ofMinutes(1));
    }
    assertThat(clips()).hasSize(50);
    boolean tooOldByThatClock = leap.compareTo(Duration.ofDays(2)) > 0;
    assertThat(retention.check().state()).isEqualTo(tooOldByThatClock ? State.DEGRADED : State.OK);
    if (tooOldByThatClock) {
      String reason = retention.check().message();
      assertThat(reason)
          .contains("days more than the time that has passed")
          .contains("touch " + root.resolve(".clock-is-right"));
      assertThat(reason).endsWith(RetentionClock.problem(folder).orElseThrow());
    }

    error = Duration.ZERO;
    pass(Duration.ofMinutes(1));
    assertThat(clips()).hasSize(50);
    assertThat(retention.check().state()).isEqualTo(State.OK);
    assertThat(RetentionClock.problem(folder)).isEmpty();
  }

  @Test
  void whereNothingIsKnownTheNewestClipSaysTheTime() throws Exception {
    record(50, Duration.ofHours(4));
    Files.delete(root.resolve(RetentionClock.STATE));
    error = Duration.ofDays(3650);

    start();
    pass(Duration.ofMinutes(1));

    assertThat(clips()).hasSize(50);
    assertThat(retention.check().state()).isEqualTo(State.DEGRADED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "missing",
        "",
        "believed=2036-10-2",
        "believed=1970-01-01T00\\:00\\:00Z\nproof=PT0S\nday=1970-01-01T00\\:00\\:00Z\ndeleted=0\n",
        "\\u00",
      })
  void whatALeapLeavesBehindIsNotBelievedForADayOfRunningTime(String content) throws Exception {
    record(50, Duration.ofHours(4));
    error = Duration.ofDays(3650);
    record(2, Duration.ofMinutes(1));
    Path state = root.resolve(RetentionClock.STATE);
    if (content.equals("missing")) {
      Files.delete(state);
    } else {
      Files.writeString(state, content);
    }

    for (int hour = 0; hour < 24; hour++) {
      start(); // a container that is restarted
      pass(Duration.ofMinutes(59));
      assertThat(clips()).hasSize(52);
    }
    assertThat(retention.check().message())
        .contains(state + " was missing or damaged", "touch " + root.resolve(".clock-is-right"));

    pass(Duration.ofMinutes(30));
    assertThat(clips()).as("believed after a day").hasSizeLessThan(52);
  }

  @Test
  void whereNothingIsKnownAUserMayConfirmTheClock() throws Exception {
    record(50, Duration.ofHours(4));
    pass(Duration.ofDays(6));
    Files.delete(root.resolve(RetentionClock.STATE));
    now = now.plus(Duration.ofDays(20));
    start();
    assertThat(clips()).as("at an upgrade").hasSizeGreaterThan(20);

    Files.createFile(root.resolve(RetentionClock.CONFIRMATION));
    Files.setLastModifiedTime(root.resolve(RetentionClock.CONFIRMATION), FileTime.from(now));
    pass(Duration.ofMinutes(1));

    assertThat(clips()).isEmpty();
  }

  @Test
  void aNewFolderIsNotHeld() throws Exception {
    record(50, Duration.ofHours(4));
    pass(Duration.ofDays(3));

    assertThat(clips()).hasSizeLessThan(50);
    assertThat(retention.check().state()).isEqualTo(State.OK);
  }

  /** Over thirty days; the clip's age is that of a calendar that has 25 hours on one day. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void leapsEveryMinuteDeleteNothingTooEarly(int seed) throws Exception {
    Random random = new Random(seed);
    List<Duration> errors =
        Stream.of("PT0S", "PT1H", "PT-1H", "P1D", "P-1D", "P3650D", "P-3650D", "P-20454D")
            .map(Duration::parse)
            .toList();
    record(30, Duration.ofHours(8));
    for (int step = 0; step < 1_200; step++) {
      boolean storm = step % 400 < 200;
      error = storm ? errors.get(random.nextInt(errors.size())) : Duration.ZERO;
      if (random.nextInt(50) == 0) {
        start();
      }
      if (random.nextInt(40) == 0) {
        clip();
      }
      pass(storm ? Duration.ofMinutes(1) : Duration.ofMinutes(20));
      deleteOnlyOldClips();
    }
    assertThat(recorded.size()).as("clips that were deleted in time").isGreaterThan(clips().size());
    assertThat(clips()).hasSizeGreaterThan(20);
  }

  @Test
  void aClockThatRunsOnForATenthOfTheLeapIsBelieved() throws Exception {
    record(36, Duration.ofHours(6));
    now = now.plus(Duration.ofDays(5)); // nothing ran meanwhile
    start();

    pass(Duration.ofHours(11));
    assertThat(clips()).hasSize(36);
    pass(Duration.ofHours(2));

    assertThat(clips()).hasSize(26);
    deleteOnlyOldClips();
  }

  @Test
  void aDayDeletesAQuarterByAgeAndSaysSo() throws Exception {
    record(40, Duration.ofHours(2));
    for (int day = 0; day < 6; day++) {
      pass(Duration.ofDays(1));
    }
    assertThat(clips()).hasSize(40);

    pass(Duration.ofDays(4)); // all are too old

    assertThat(clips()).hasSize(30);
    assertThat(retention.check().message()).contains("more clips are too old than are deleted in");
    start();
    pass(Duration.ofHours(1));
    assertThat(clips()).as("a restart is no new day").hasSize(30);
    for (int day = 0; day < 4; day++) {
      pass(Duration.ofDays(1));
    }
    assertThat(clips()).isEmpty();
  }

  @Test
  void aUserMayConfirmTheClock() throws Exception {
    record(50, Duration.ofHours(4));
    now = now.plus(Duration.ofDays(400));
    start();
    pass(Duration.ofMinutes(1));
    assertThat(clips()).hasSize(50);
    Path confirmation = Files.createFile(root.resolve(RetentionClock.CONFIRMATION));
    Files.setLastModifiedTime(confirmation, FileTime.from(now.minus(Duration.ofDays(400))));
    pass(Duration.ofMinutes(1));
    assertThat(clips()).as("confirmed another time").hasSize(50);

    Files.createFile(confirmation);
    Files.setLastModifiedTime(confirmation, FileTime.from(now));
    pass(Duration.ofMinutes(1));

    assertThat(clips()).isEmpty();
    assertThat(confirmation).doesNotExist();
    assertThat(retention.check().state()).isEqualTo(State.OK);
  }

  /** A computer without a battery for its clock, after a night without power. */
  @Test
  void clipsFromBeforeTheClockWasSetAreAsOldAsTheNextOnes() throws Exception {
    record(20, Duration.ofHours(4));
    now = now.plus(Duration.ofHours(9));
    error = Duration.between(now, Instant.EPOCH);
    start();
    String unset = clip();
    pass(Duration.ofMinutes(1));
    error = Duration.ZERO;
    record(20, Duration.ofHours(4));
    assertThat(unset).startsWith("19700101-").contains("clock-not-set");

    List<String> all = List.copyOf(recorded.keySet());
    store.close();
    store = ClipStore.open(folder, false, clock, ClipListener.NONE);
    retention =
        new Retention(
            store, new RetentionSettings(21, 0, 0), clock, now::getEpochSecond, (step, clip) -> {});
    retention.enforceLimits();
    assertThat(clips()).as("by size").containsExactlyInAnyOrderElementsOf(all.subList(20, 41));

    retention =
        new Retention(
            store, new RetentionSettings(20, 0, 0), clock, now::getEpochSecond, (step, clip) -> {});
    retention.enforceLimits();
    assertThat(clips()).containsExactlyInAnyOrderElementsOf(all.subList(21, 41));
  }

  @Test
  void clipsOfTheFutureAreDeletedInTheirTurn() throws Exception {
    record(3, Duration.ofHours(4));
    error = Duration.ofDays(3650);
    String future = clip();
    pass(Duration.ofMinutes(1));
    error = Duration.ZERO;
    pass(Duration.ofMinutes(1));
    record(3, Duration.ofHours(4));
    List<String> all = List.copyOf(recorded.keySet());
    assertThat(all.get(3)).isEqualTo(future);

    new Retention(store, new RetentionSettings(3, 0, 0), clock, () -> 0, (step, clip) -> {})
        .enforceLimits();

    assertThat(clips()).containsExactlyInAnyOrderElementsOf(all.subList(4, 7));
  }

  private void start() throws IOException {
    Instant begin = now;
    retention =
        new Retention(
            store, BY_AGE, clock, () -> Duration.between(begin, now).toNanos(), (step, clip) -> {});
    retention.enforceLimits();
  }

  private void pass(Duration time) {
    now = now.plus(time);
    retention.enforceLimits();
  }

  private void record(int clips, Duration interval) throws IOException {
    for (int i = 0; i < clips; i++) {
      clip();
      pass(interval);
    }
  }

  /** A clip of one byte by the clock, which is analysed at once. */
  private String clip() throws IOException {
    PendingClip pending = store.begin("door", OffsetDateTime.now(clock), ".avi");
    Files.write(pending.file(), new byte[1]);
    store.publish(pending, Duration.ZERO).join();
    String name = store.outbox().get(pending.name()).orElseThrow().filename();
    store.outbox().remove(pending.name());
    assertThat(recorded).as("no clip replaces another").doesNotContainKey(name);
    log.append(
        DetectionLine.builder(Job.forFile(name), LocalDateTime.now(clock))
            .objects(List.of())
            .build());
    recorded.put(name, now);
    return name;
  }

  private void deleteOnlyOldClips() throws IOException {
    List<String> there = clips();
    Instant limit = now.minus(Duration.ofDays(DAYS)).plus(Duration.ofHours(1));
    assertThat(recorded.entrySet())
        .filteredOn(clip -> clip.getValue().isAfter(limit) && !there.contains(clip.getKey()))
        .as("clips deleted that are younger than " + limit)
        .isEmpty();
  }

  private List<String> clips() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.map(file -> file.getFileName().toString()).filter(ClipName::isClip).toList();
    }
  }

  private final class WrongClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZONE;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Instant instant() {
      return now.plus(error);
    }
  }
}
