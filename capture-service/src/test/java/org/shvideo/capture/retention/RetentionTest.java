package org.shvideo.capture.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.PendingClip;
import org.shvideo.capture.testing.ChildProcess;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.Deletion;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;

class RetentionTest {
  private static final Instant NOW = Instant.parse("2026-02-23T12:00:00Z");
  private static final Clock KYIV = Clock.fixed(NOW, ZoneId.of("Europe/Kyiv"));
  private static final int KIB = 1024;
  private static final RetentionSettings THREE_KIB = new RetentionSettings(3 * KIB, 0, 0);
  private static final RetentionSettings THIRTY_DAYS = new RetentionSettings(0, 30, 0);

  @TempDir Path root;
  private VideoFolder folder;
  private DetectionLog log;
  private ClipStore store;
  private long nanos;
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

  @BeforeEach
  void open() throws IOException {
    folder = new VideoFolder(root);
    log = new DetectionLog(folder.log());
    store = ClipStore.open(folder, false, KYIV, ClipListener.NONE);
    Files.writeString(
        root.resolve(RetentionClock.STATE),
        "believed=%s\nproof=PT0S\nday=%s\ndeleted=0\n".formatted(NOW, NOW));
    logged.start();
    logger().addAppender(logged);
  }

  @AfterEach
  void close() {
    logger().detachAppender(logged);
    store.close();
  }

  @Test
  void aClockFileThatCannotBeWrittenStaysAndIsToldOnce() throws Exception {
    Path state = root.resolve(RetentionClock.STATE);
    String before = Files.readString(state);
    Files.createDirectory(root.resolve(RetentionClock.STATE + ".tmp"));

    retention(THIRTY_DAYS).enforceLimits();
    nanos += Duration.ofMinutes(2).toNanos();
    Retention again = retention(THIRTY_DAYS);
    again.enforceLimits();
    nanos += Duration.ofMinutes(2).toNanos();
    again.enforceLimits();

    assertThat(state).hasContent(before);
    assertThat(messages())
        .hasSize(2)
        .allMatch(text -> text.startsWith("WARN Cannot write " + state));
  }

  // what is deleted

  @Test
  void deletesTheOldestAnalysedClipsDownToTheLimit() throws Exception {
    for (int i = 1; i <= 5; i++) {
      analysed(clip("2026022%d-100000.avi".formatted(i), KIB));
    }

    retention(THREE_KIB).enforceLimits();

    assertThat(clips())
        .containsExactly("20260223-100000.avi", "20260224-100000.avi", "20260225-100000.avi");
  }

  @Test
  void neverDeletesAClipThatWasNotAnalysed() throws Exception {
    clip("20200101-100000.avi", KIB);
    analysed(clip("20200102-100000.avi", KIB));
    failed(clip("20200103-100000.avi", KIB));

    retention(new RetentionSettings(1, 1, 1)).enforceLimits();

    assertThat(clips()).containsExactly("20200101-100000.avi");
  }

  /** The line of an earlier file of that name says nothing of this one. */
  @Test
  void neverDeletesAClipWhoseLineIsOfAnotherFile() throws Exception {
    Job job = Job.forFile(clip("20200101-100000.avi", KIB));
    log.append(
        DetectionLine.builder(job, LocalDateTime.MIN).objects(List.of()).bytes(KIB + 1L).build());

    retention(new RetentionSettings(1, 1, 1)).enforceLimits();

    assertThat(clips()).containsExactly("20200101-100000.avi");
  }

  @Test
  void continuousRecordingGoesFirstAndByItsOwnLimits() throws Exception {
    analysed(clip("20200101-100000.avi", KIB));
    for (int i = 1; i <= 5; i++) {
      continuous("2026022%d-100000-door.avi".formatted(i));
    }

    retention(limits(4 * KIB, 0, 0)).enforceLimits();
    assertThat(clips()).containsExactly("20200101-100000.avi");
    assertThat(folder.continuous().toFile().list())
        .hasSize(3)
        .doesNotContain("20260221-100000-door.avi");

    retention(limits(0, 2 * KIB, 0)).enforceLimits();
    assertThat(folder.continuous().toFile().list())
        .containsExactlyInAnyOrder("20260224-100000-door.avi", "20260225-100000-door.avi");

    continuous("20260101-100000-door.avi");
    retention(limits(0, 0, 30)).enforceLimits();
    assertThat(folder.continuous().toFile().list())
        .containsExactlyInAnyOrder("20260224-100000-door.avi", "20260225-100000-door.avi");
    assertThat(folder.deletionLog()).doesNotExist();
    assertThat(clips()).containsExactly("20200101-100000.avi");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void continuousRecordingIsNotDeletedByAgeWhereTheTimeIsNotKnown(boolean motion) throws Exception {
    Files.delete(root.resolve(RetentionClock.STATE));
    continuous("20250101-100000-door.avi");
    if (motion) {
      analysed(clip("20260222-100000.avi", KIB));
    }

    retention(limits(0, 0, 30)).enforceLimits();

    assertThat(folder.continuous().toFile().list()).containsExactly("20250101-100000-door.avi");
  }

  private void continuous(String name) throws IOException {
    Files.createDirectories(folder.continuous());
    Files.write(folder.continuous().resolve(name), new byte[KIB]);
  }

  private static RetentionSettings limits(long all, long continuous, int days) {
    return new RetentionSettings(
        all, 0, 0, new RetentionSettings.Continuous(true, continuous, days));
  }

  @Test
  void deletesNothingWithoutALimit() throws Exception {
    analysed(clip("20200101-100000.avi", KIB));

    try (Retention retention = retention(new RetentionSettings(0, 0, 0))) {
      retention.start();
      retention.enforceLimits();
      assertThat(retention.check().state()).isEqualTo(State.OK);
    }

    assertThat(clips()).hasSize(1);
    assertThat(folder.deletionLog()).doesNotExist();
  }

  @Test
  void ageIsCountedFromTheNameInTheServicesTimeZone() throws Exception {
    // Now it is 14:00 in Kyiv.
    analysed(clip("20260124-135959-door.avi", KIB));
    analysed(clip("20260124-140001-door.avi", KIB));

    retention(THIRTY_DAYS).enforceLimits();

    assertThat(clips()).containsExactly("20260124-140001-door.avi");
  }

  @Test
  void deletesTheSnapshotWithItsClip() throws Exception {
    analysedWithSnapshot(clip("20260221-100000.avi", KIB), 2 * KIB);
    analysedWithSnapshot(clip("20260222-100000.avi", KIB), 2 * KIB);

    retention(THREE_KIB).enforceLimits();

    assertThat(files())
        .contains("20260222-100000.avi", "20260222-100000.jpg")
        .doesNotContain("20260221-100000.avi", "20260221-100000.jpg");
    assertThat(deletions()).extracting(Deletion::bytes).containsExactly(3L * KIB);
  }

  @Test
  void deletesASnapshotUnderTheNameThatTheLineHasIfItIsOne() throws Exception {
    clip("20200101-100000.jpg", KIB); // the user's own
    clip("20200101-100000.avi.jpg", KIB);
    log.append(line(clip("20200101-100000.avi", KIB), null, "20200101-100000.avi.jpg"));
    clip("notes.jpg", KIB);
    log.append(line(clip("20200101-110000.avi", KIB), null, "notes.jpg"));

    retention(THIRTY_DAYS).enforceLimits();

    assertThat(clips()).isEmpty();
    assertThat(files())
        .contains("20200101-100000.jpg", "notes.jpg")
        .doesNotContain("20200101-100000.avi.jpg");
  }

  @Test
  void ignoresOtherFiles() throws Exception {
    for (String name : List.of("cats.avi", "holiday.mp4", "20200101-100000.mp4", "x.jpg")) {
      analysed(clip(name, 10 * KIB));
    }
    Files.createDirectories(root.resolve("20200101-100000.avi"));
    Files.createSymbolicLink(root.resolve("20200101-110000.avi"), root.resolve("cats.avi"));
    log.append(line("20200101-110000.avi", "a link", null));
    clip("20200101-120000.jpg", KIB); // beside the clip, but no line says that it is its snapshot
    analysed(clip("20200101-120000.avi", KIB));
    Files.createFile(folder.recording().resolve("20200101-130000.avi"));
    List<String> before = files();

    retention(new RetentionSettings(1, 1, 1)).enforceLimits();

    assertThat(files())
        .containsAll(before.stream().filter(n -> !n.equals("20200101-120000.avi")).toList());
    assertThat(clips()).doesNotContain("20200101-120000.avi");
    assertThat(folder.recording().resolve("20200101-130000.avi")).exists();
  }

  @Test
  void keepsClipsWhoseJobIsInTheOutbox() throws Exception {
    analysed(clip("20200101-100000.avi", KIB));
    analysed(clip("20200101-100000-2.avi", KIB));
    // The second one had another name when it was recorded.
    store.outbox().put("20200101-100000.avi", Job.forFile("20200101-100000-2.avi"));
    Retention retention = retention(THIRTY_DAYS);

    retention.enforceLimits();
    assertThat(clips()).hasSize(2);

    store.outbox().remove("20200101-100000.avi");
    retention.enforceLimits();
    assertThat(clips()).isEmpty();
  }

  @Test
  void freesDiskSpace() throws Exception {
    clip("20260221-100000.avi", KIB);
    analysed(clip("20260222-100000.avi", KIB));
    analysed(clip("20260223-100000.avi", KIB));
    long free = Files.getFileStore(root).getUsableSpace();

    retention(new RetentionSettings(0, 0, free + (16L << 30))).enforceLimits();

    assertThat(clips()).containsExactly("20260221-100000.avi");
    assertThat(deletions().get(0).reason()).startsWith("VIDEO_MIN_FREE=");
  }

  @Test
  void rejectsAMinFreeLargerThanTheDisk() {
    assertThatThrownBy(() -> retention(new RetentionSettings(0, 0, 1L << 50)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("VIDEO_MIN_FREE=1024T is more than the size of the disk");
  }

  @Test
  void checksLimitsAfterEachPublication() throws Exception {
    analysed(clip("20260221-100000.avi", 2 * KIB));
    try (Retention retention = retention(THREE_KIB)) {
      retention.start();
      publish("20260222-100000.avi", 2 * KIB);

      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(clips()).containsExactly("20260222-100000.avi"));
    }
  }

  @Test
  void noticesLaterLinesAndClips() throws Exception {
    String first = clip("20260221-100000.avi", 2 * KIB);
    Retention retention = retention(THREE_KIB);
    retention.enforceLimits();

    publish("20260222-100000.avi", 2 * KIB);
    retention.enforceLimits();
    assertThat(clips()).hasSize(2);

    analysed(first);
    retention.enforceLimits();
    assertThat(clips()).containsExactly("20260222-100000.avi");
  }

  // the deletion log

  @Test
  void logsEachDeletionWithItsReason() throws Exception {
    OffsetDateTime then = OffsetDateTime.parse("2020-01-01T10:00:00.120+02:00");
    clip("20200101-100000.avi", KIB);
    Job job = new Job("the-job", "20200101-100000.avi", "door", then);
    log.append(DetectionLine.failed(job, LocalDateTime.MIN, "no picture in it"));

    retention(THIRTY_DAYS).enforceLimits();

    assertThat(Files.readString(folder.deletionLog()))
        .startsWith(
            "{\"filename\":\"20200101-100000.avi\",\"deleted_at\":\"2026-02-23T14:00:00.000+02:00\","
                + "\"bytes\":1024,\"reason\":\"VIDEO_MAX_DAYS=30\","
                + "\"recorded_at\":\"2020-01-01T10:00:00.120+02:00\",\"job\":\"the-job\",")
        .endsWith("}\n");
  }

  @Test
  void doesNotDeleteWhatItCannotLog() throws Exception {
    analysed(clip("20200101-100000.avi", KIB));
    Files.createDirectory(folder.deletionLog());
    Retention retention = retention(THIRTY_DAYS);

    retention.enforceLimits();

    assertThat(clips()).hasSize(1);
    assertThat(retention.check().state()).isEqualTo(State.DEGRADED);

    Files.delete(folder.deletionLog());
    retention.enforceLimits();

    assertThat(clips()).isEmpty();
    assertThat(retention.check().state()).isEqualTo(State.OK);
  }

  @Test
  void retriesAFailedDeletionAndLogsItOnce() throws Exception {
    String clip = analysedWithSnapshot(clip("20200101-100000.avi", KIB), KIB);
    Path snapshot = root.resolve("20200101-100000.jpg");
    Files.delete(snapshot);
    Files.createDirectories(snapshot.resolve("not empty"));
    Retention retention = retention(THIRTY_DAYS);

    retention.enforceLimits();
    retention.enforceLimits();
    assertThat(clips()).containsExactly(clip);
    Files.delete(snapshot.resolve("not empty"));
    retention.enforceLimits();

    assertThat(clips()).isEmpty();
    assertThat(deletions()).hasSize(1);
  }

  @Tag("process")
  @ParameterizedTest(name = "killed at: {0}")
  @CsvSource({
    "LOGGED 20200101-100000.avi, 2, 1",
    "DELETED 20200101-100000.avi, 1, 1",
    "LOGGED 20200102-100000.avi, 1, 2",
  })
  void finishesADeletionAfterACrash(String step, int clipsLeft, int linesLeft) throws Exception {
    analysedWithSnapshot(clip("20200101-100000.avi", KIB), KIB);
    analysedWithSnapshot(clip("20200102-100000.avi", KIB), KIB);
    store.close();
    Process child = ChildProcess.start(List.of(), Child.class, root.toString(), step);
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (!("AT " + step).equals(line)) {
        assertThat(line).as("the child ended").isNotNull();
        line = lines.readLine();
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(clips()).hasSize(clipsLeft);
    assertThat(deletions()).hasSize(linesLeft);

    store = ClipStore.open(folder, false, KYIV, ClipListener.NONE);
    retention(THIRTY_DAYS).enforceLimits();

    assertThat(files()).noneMatch(name -> name.startsWith("2020"));
    assertThat(deletions())
        .extracting(Deletion::filename)
        .containsExactly("20200101-100000.avi", "20200102-100000.avi");
    assertThat(deletions()).extracting(Deletion::bytes).containsOnly(2L * KIB);
  }

  @Test
  void reusedNameIsNotTakenForTheDeletedClip() throws Exception {
    // The clock was set back: the next clip gets the same name, and its line comes later.
    String clip = analysed(clip("20200101-100000.avi", KIB));
    Retention before = retention(THIRTY_DAYS);
    before.enforceLimits();
    assertThat(clips()).isEmpty();
    publish(clip, KIB);
    Files.setLastModifiedTime(root.resolve(clip), FileTime.from(NOW));

    before.enforceLimits();
    retention(THIRTY_DAYS).enforceLimits();
    assertThat(clips()).containsExactly(clip);

    analysed(clip);
    retention(THIRTY_DAYS).enforceLimits();
    assertThat(clips()).isEmpty();
    assertThat(deletions()).hasSize(2);
  }

  @Test
  void partialLineInTheDeletionLogIsSkipped() throws Exception {
    analysed(clip("20200101-100000.avi", KIB));
    Files.writeString(folder.deletionLog(), "{\"filename\":\"2020");

    retention(THIRTY_DAYS).enforceLimits();

    assertThat(deletions()).extracting(Deletion::filename).containsExactly("20200101-100000.avi");
  }

  @Test
  void followsAReplacedLog() throws Exception {
    clip("20200101-100000.avi", KIB);
    analysed(clip("20260222-100000.avi", KIB));
    analysed(clip("20260223-100000.avi", KIB));
    Retention retention = retention(THREE_KIB);
    retention.enforceLimits();
    assertThat(clips()).hasSize(3);

    Files.delete(folder.log());
    log.append(line("20260223-100000.avi", "another", null));
    publish("20260223-110000.avi", KIB);
    retention.enforceLimits();

    assertThat(clips())
        .containsExactly("20200101-100000.avi", "20260222-100000.avi", "20260223-110000.avi");
  }

  // pausing

  @Test
  void pausesWhileNothingMayBeDeletedAndResumes() throws Exception {
    clip("20260221-100000.avi", 2 * KIB);
    clip("20260222-100000.avi", 2 * KIB);
    Retention retention = retention(THREE_KIB);

    retention.enforceLimits();
    assertThat(store.isPaused()).isTrue();
    assertThat(retention.check().state()).isEqualTo(State.FAILED);
    assertThat(retention.check().message())
        .contains("recording is paused", "VIDEO_MAX_BYTES=3K", "2 were not analysed yet");

    analysed("20260222-100000.avi");
    retention.enforceLimits();
    assertThat(store.isPaused()).isFalse();
    assertThat(retention.check().state()).isEqualTo(State.OK);
    assertThat(clips()).containsExactly("20260221-100000.avi");
    assertThat(messages()).last().asString().contains("Recording resumed");
  }

  @Test
  void resumesWhenClipsAreDeletedManually() throws Exception {
    clip("20260221-100000.avi", 2 * KIB);
    clip("20260222-100000.avi", 2 * KIB);
    Retention retention = retention(THREE_KIB);
    retention.enforceLimits();
    assertThat(store.isPaused()).isTrue();

    Files.delete(root.resolve("20260221-100000.avi"));
    retention.enforceLimits();

    assertThat(store.isPaused()).isFalse();
  }

  @Test
  void logsAPauseAtOnceAndEveryFiveMinutes() throws Exception {
    clip("20260221-100000.avi", 4 * KIB);
    Retention retention = retention(THREE_KIB);

    for (int second = 0; second <= 600; second += 5) {
      nanos = Duration.ofSeconds(second).toNanos();
      retention.enforceLimits();
    }

    assertThat(messages())
        .filteredOn(line -> line.startsWith("ERROR RECORDING IS PAUSED"))
        .hasSize(3);
  }

  @Test
  void maxDaysAloneDoesNotPause() throws Exception {
    clip("20200101-100000.avi", KIB);

    retention(THIRTY_DAYS).enforceLimits();

    assertThat(store.isPaused()).isFalse();
  }

  private Retention retention(RetentionSettings settings) throws IOException {
    return new Retention(store, settings, KYIV, () -> nanos, (step, clip) -> {});
  }

  private String clip(String name, int bytes) throws IOException {
    Files.write(root.resolve(name), new byte[bytes]);
    return name;
  }

  private void publish(String name, int bytes) throws IOException {
    Files.write(folder.recording().resolve(name), new byte[bytes]);
    store
        .publish(
            new PendingClip(name, folder.recording().resolve(name), "door", null), Duration.ZERO)
        .join();
    store.outbox().remove(name);
  }

  private String analysed(String name) {
    log.append(line(name, null, null));
    return name;
  }

  private void failed(String name) {
    log.append(DetectionLine.failed(Job.forFile(name), LocalDateTime.MIN, "no picture in it"));
  }

  /** Analysed, with a snapshot. */
  private String analysedWithSnapshot(String name, int bytes) throws IOException {
    String snapshot = clip(name.replace(".avi", ".jpg"), bytes);
    log.append(line(name, null, snapshot));
    return name;
  }

  private static DetectionLine line(String name, String job, String snapshot) {
    Job made = job == null ? Job.forFile(name) : new Job(job, name, null, null);
    return DetectionLine.builder(made, LocalDateTime.of(2026, 2, 23, 14, 0))
        .objects(List.of())
        .snapshot(snapshot)
        .build();
  }

  private List<String> clips() throws IOException {
    return files().stream()
        .filter(ClipName::isClip)
        .filter(n -> Files.isRegularFile(root.resolve(n)))
        .toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private List<Deletion> deletions() throws IOException {
    List<Deletion> read = new ArrayList<>();
    new DeletionLog(folder.deletionLog()).read(read::add);
    return read;
  }

  private List<String> messages() {
    return logged.list.stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  private static Logger logger() {
    return (Logger) org.slf4j.LoggerFactory.getLogger(Retention.class.getPackageName());
  }

  /** The process that is killed: deletes clips older than thirty days. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      PrintStream out = System.out;
      CountDownLatch never = new CountDownLatch(1);
      BiConsumer<Retention.DeletionStep, String> block =
          (step, clip) -> {
            if (arguments[1].equals(step + " " + clip)) {
              out.println("AT " + arguments[1]);
              try {
                never.await(1, TimeUnit.MINUTES);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }
          };
      VideoFolder folder = new VideoFolder(Path.of(arguments[0]));
      try (ClipStore store = ClipStore.open(folder, false, KYIV, ClipListener.NONE);
          Retention retention = new Retention(store, THIRTY_DAYS, KYIV, System::nanoTime, block)) {
        retention.enforceLimits();
      }
    }
  }
}
