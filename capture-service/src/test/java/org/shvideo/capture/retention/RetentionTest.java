package org.shvideo.capture.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.Recording;
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
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  @BeforeEach
  void open() throws IOException {
    folder = new VideoFolder(root);
    log = new DetectionLog(folder.log());
    store = ClipStore.open(folder, false, KYIV, ClipListener.NONE);
    told.start();
    logger().addAppender(told);
  }

  @AfterEach
  void close() {
    logger().detachAppender(told);
    store.close();
  }

  // what is deleted

  @Test
  void deletesTheOldestAnalysedClipsDownToTheLimit() throws Exception {
    for (int i = 1; i <= 5; i++) {
      analysed(clip("2026022%d-100000.avi".formatted(i), KIB));
    }

    retention(THREE_KIB).look();

    assertThat(clips())
        .containsExactly("20260223-100000.avi", "20260224-100000.avi", "20260225-100000.avi");
  }

  @Test
  void neverDeletesAClipThatWasNotAnalysed() throws Exception {
    clip("20200101-100000.avi", KIB);
    analysed(clip("20200102-100000.avi", KIB));
    failed(clip("20200103-100000.avi", KIB));

    retention(new RetentionSettings(1, 1, 1)).look();

    assertThat(clips()).containsExactly("20200101-100000.avi");
  }

  @Test
  void deletesNothingWithoutALimit() throws Exception {
    analysed(clip("20200101-100000.avi", KIB));

    try (Retention retention = retention(new RetentionSettings(0, 0, 0))) {
      retention.start();
      retention.look();
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

    retention(THIRTY_DAYS).look();

    assertThat(clips()).containsExactly("20260124-140001-door.avi");
  }

  @Test
  void deletesTheSnapshotWithItsClip() throws Exception {
    seen(clip("20260221-100000.avi", KIB), 2 * KIB);
    seen(clip("20260222-100000.avi", KIB), 2 * KIB);

    retention(THREE_KIB).look();

    assertThat(files())
        .contains("20260222-100000.avi", "20260222-100000.jpg")
        .doesNotContain("20260221-100000.avi", "20260221-100000.jpg");
    assertThat(deletions()).extracting(Deletion::bytes).containsExactly(3L * KIB);
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

    retention(new RetentionSettings(1, 1, 1)).look();

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

    retention.look();
    assertThat(clips()).hasSize(2);

    store.outbox().remove("20200101-100000.avi");
    retention.look();
    assertThat(clips()).isEmpty();
  }

  @Test
  void freesDiskSpace() throws Exception {
    clip("20260221-100000.avi", KIB);
    analysed(clip("20260222-100000.avi", KIB));
    analysed(clip("20260223-100000.avi", KIB));
    long free = Files.getFileStore(root).getUsableSpace();

    retention(new RetentionSettings(0, 0, free + (16L << 30))).look();

    assertThat(clips()).containsExactly("20260221-100000.avi");
    assertThat(deletions().get(0).reason()).startsWith("VIDEO_MIN_FREE=");
  }

  @Test
  void rejectsAMinFreeLargerThanTheDisk() {
    assertThatThrownBy(() -> retention(new RetentionSettings(0, 0, 1L << 50)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("VIDEO_MIN_FREE=1024T asks for more free room than the disk");
  }

  @Test
  void checksLimitsAfterEachPublication() throws Exception {
    analysed(clip("20260221-100000.avi", 2 * KIB));
    try (Retention retention = retention(THREE_KIB)) {
      retention.start();
      publish("20260222-100000.avi", 2 * KIB);

      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (!clips().equals(List.of("20260222-100000.avi"))) {
        assertThat(System.nanoTime()).as("deleted in time").isLessThan(end);
        Thread.sleep(10);
      }
    }
  }

  @Test
  void noticesLaterLinesAndClips() throws Exception {
    String first = clip("20260221-100000.avi", 2 * KIB);
    Retention retention = retention(THREE_KIB);
    retention.look();

    publish("20260222-100000.avi", 2 * KIB);
    retention.look();
    assertThat(clips()).hasSize(2);

    analysed(first);
    retention.look();
    assertThat(clips()).containsExactly("20260222-100000.avi");
  }

  // the deletion log

  @Test
  void logsEachDeletionWithItsReason() throws Exception {
    OffsetDateTime then = OffsetDateTime.parse("2020-01-01T10:00:00.120+02:00");
    clip("20200101-100000.avi", KIB);
    Job job = new Job("the-job", "20200101-100000.avi", "door", then);
    log.append(DetectionLine.failed(job, LocalDateTime.MIN, "no picture in it"));

    retention(THIRTY_DAYS).look();

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

    retention.look();

    assertThat(clips()).hasSize(1);
    assertThat(retention.check().state()).isEqualTo(State.DEGRADED);

    Files.delete(folder.deletionLog());
    retention.look();

    assertThat(clips()).isEmpty();
    assertThat(retention.check().state()).isEqualTo(State.OK);
  }

  @Test
  void retriesAFailedDeletionAndLogsItOnce() throws Exception {
    String clip = seen(clip("20200101-100000.avi", KIB), KIB);
    Path snapshot = root.resolve("20200101-100000.jpg");
    Files.delete(snapshot);
    Files.createDirectories(snapshot.resolve("in the way"));
    Retention retention = retention(THIRTY_DAYS);

    retention.look();
    retention.look();
    assertThat(clips()).containsExactly(clip);
    Files.delete(snapshot.resolve("in the way"));
    retention.look();

    assertThat(clips()).isEmpty();
    assertThat(deletions()).hasSize(1);
  }

  @Tag("process")
  @ParameterizedTest(name = "killed when: {0}")
  @CsvSource({
    "The deletion of 20200101-100000.avi is on disk, 2, 1",
    "20200101-100000.avi is deleted,                 1, 1",
    "The deletion of 20200102-100000.avi is on disk, 1, 2",
  })
  void finishesADeletionAfterACrash(String when, int clipsLeft, int linesLeft) throws Exception {
    seen(clip("20200101-100000.avi", KIB), KIB);
    seen(clip("20200102-100000.avi", KIB), KIB);
    store.close();
    Process child = ChildProcess.start(List.of(), Child.class, root.toString(), when);
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (!("AT " + when).equals(line)) {
        assertThat(line).as("the child ended").isNotNull();
        line = lines.readLine();
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(clips()).hasSize(clipsLeft);
    assertThat(deletions()).hasSize(linesLeft);

    store = ClipStore.open(folder, false, KYIV, ClipListener.NONE);
    retention(THIRTY_DAYS).look();

    assertThat(files()).noneMatch(name -> name.startsWith("2020"));
    assertThat(deletions())
        .extracting(Deletion::filename)
        .containsExactly("20200101-100000.avi", "20200102-100000.avi");
    assertThat(deletions()).extracting(Deletion::bytes).containsOnly(2L * KIB);
  }

  @Test
  void reusedNameIsNotTakenForTheDeletedClip() throws Exception {
    // The clock was set back: the next clip gets the name, and its line comes later.
    String clip = analysed(clip("20200101-100000.avi", KIB));
    Retention before = retention(THIRTY_DAYS);
    before.look();
    assertThat(clips()).isEmpty();
    publish(clip, KIB);
    Files.setLastModifiedTime(root.resolve(clip), FileTime.from(NOW));

    before.look();
    retention(THIRTY_DAYS).look();
    assertThat(clips()).containsExactly(clip);

    analysed(clip);
    retention(THIRTY_DAYS).look();
    assertThat(clips()).isEmpty();
    assertThat(deletions()).hasSize(2);
  }

  @Test
  void partialLineInTheDeletionLogIsSkipped() throws Exception {
    analysed(clip("20200101-100000.avi", KIB));
    Files.writeString(folder.deletionLog(), "{\"filename\":\"2020");

    retention(THIRTY_DAYS).look();

    assertThat(deletions()).extracting(Deletion::filename).containsExactly("20200101-100000.avi");
  }

  @Test
  void followsAReplacedLog() throws Exception {
    clip("20200101-100000.avi", KIB);
    analysed(clip("20260222-100000.avi", KIB));
    analysed(clip("20260223-100000.avi", KIB));
    Retention retention = retention(THREE_KIB);
    retention.look();
    assertThat(clips()).hasSize(3);

    Files.delete(folder.log());
    log.append(line("20260223-100000.avi", "another", null));
    publish("20260223-110000.avi", KIB);
    retention.look();

    assertThat(clips())
        .containsExactly("20200101-100000.avi", "20260222-100000.avi", "20260223-110000.avi");
  }

  // pausing

  @Test
  void pausesWhileNothingMayBeDeletedAndResumes() throws Exception {
    clip("20260221-100000.avi", 2 * KIB);
    clip("20260222-100000.avi", 2 * KIB);
    Retention retention = retention(THREE_KIB);

    retention.look();
    assertThat(store.isPaused()).isTrue();
    assertThat(retention.isPaused()).isTrue();
    assertThat(retention.check().state()).isEqualTo(State.FAILED);
    assertThat(retention.check().message())
        .contains("recording is paused", "VIDEO_MAX_BYTES=3K", "2 were not analysed yet");

    analysed("20260222-100000.avi");
    retention.look();
    assertThat(store.isPaused()).isFalse();
    assertThat(retention.check().state()).isEqualTo(State.OK);
    assertThat(clips()).containsExactly("20260221-100000.avi");
    assertThat(messages()).last().asString().contains("Recording is possible again");
  }

  @Test
  void resumesWhenClipsAreDeletedManually() throws Exception {
    clip("20260221-100000.avi", 2 * KIB);
    clip("20260222-100000.avi", 2 * KIB);
    Retention retention = retention(THREE_KIB);
    retention.look();
    assertThat(store.isPaused()).isTrue();

    Files.delete(root.resolve("20260221-100000.avi"));
    retention.look();

    assertThat(store.isPaused()).isFalse();
  }

  @Test
  void logsAPauseAtOnceAndEveryFiveMinutes() throws Exception {
    clip("20260221-100000.avi", 4 * KIB);
    Retention retention = retention(THREE_KIB);

    for (int second = 0; second <= 600; second += 5) {
      nanos = Duration.ofSeconds(second).toNanos();
      retention.look();
    }

    assertThat(messages())
        .filteredOn(line -> line.startsWith("ERROR RECORDING IS PAUSED"))
        .hasSize(3);
  }

  @Test
  void maxDaysAloneDoesNotPause() throws Exception {
    clip("20200101-100000.avi", KIB);

    retention(THIRTY_DAYS).look();

    assertThat(store.isPaused()).isFalse();
  }

  private Retention retention(RetentionSettings settings) throws IOException {
    return new Retention(store, settings, KYIV, () -> nanos);
  }

  private String clip(String name, int bytes) throws IOException {
    Files.write(root.resolve(name), new byte[bytes]);
    return name;
  }

  private void publish(String name, int bytes) throws IOException {
    Files.write(folder.recording().resolve(name), new byte[bytes]);
    store
        .publish(new Recording(name, folder.recording().resolve(name), "door", null), Duration.ZERO)
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

  /** Analysed, with a snapshot of that size. */
  private String seen(String name, int bytes) throws IOException {
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
    return told.list.stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  private static Logger logger() {
    return (Logger) org.slf4j.LoggerFactory.getLogger(Retention.class);
  }

  /** The process that is killed: deletes what is older than thirty days. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      PrintStream out = System.out;
      CountDownLatch never = new CountDownLatch(1);
      AppenderBase<ILoggingEvent> appender =
          new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
              if (event.getFormattedMessage().equals(arguments[1])) {
                out.println("AT " + arguments[1]);
                try {
                  never.await(1, TimeUnit.MINUTES);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            }
          };
      appender.start();
      logger().setLevel(Level.DEBUG);
      logger().addAppender(appender);
      VideoFolder folder = new VideoFolder(Path.of(arguments[0]));
      try (ClipStore store = ClipStore.open(folder, false, KYIV, ClipListener.NONE);
          Retention retention = new Retention(store, THIRTY_DAYS, KYIV)) {
        retention.look();
      }
    }
  }
}
