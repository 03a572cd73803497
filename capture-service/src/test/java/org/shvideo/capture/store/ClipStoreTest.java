package org.shvideo.capture.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.record.CopyClipWriter;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.testing.Footage;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.capture.testing.Samples;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.VideoFolder;

class ClipStoreTest {
  private static final Clock KYIV = Clock.system(ZoneId.of("Europe/Kyiv"));
  private static final OffsetDateTime THEN = OffsetDateTime.parse("2026-02-23T14:48:19.120+02:00");
  private static final Duration LENGTH = Duration.ofSeconds(4);

  private static Footage footage;

  @TempDir Path root;
  private VideoFolder folder;
  private ClipStore store;
  private final ConcurrentLinkedQueue<String> published = new ConcurrentLinkedQueue<>();

  @BeforeAll
  static void film() {
    footage = Footage.h264(25, 25, 100);
  }

  @AfterAll
  static void free() {
    footage.close();
  }

  @BeforeEach
  void open() throws IOException {
    folder = new VideoFolder(root.resolve("video"));
    store = open(false);
  }

  @AfterEach
  void close() {
    store.close();
  }

  // names

  @Test
  void namesAClipAfterTheLocalTimeOfItsFirstPacket() throws IOException {
    OffsetDateTime utc = OffsetDateTime.parse("2026-02-23T22:30:00Z");

    assertThat(store.begin("door", utc, ".avi").name()).isEqualTo("20260224-003000.avi");
  }

  @Test
  void addsTheCameraToTheNameIfThereAreSeveral() throws IOException {
    reopen(true);

    assertThat(store.begin("front-door", THEN, ".avi").name())
        .isEqualTo("20260223-144819-front-door.avi");
    assertThat(store.begin("../сад 2", THEN, ".avi").name())
        .isEqualTo("20260223-144819----сад-2.avi");
  }

  @Test
  void numbersClipsOfTheSameSecond() throws IOException {
    PendingClip first = store.begin("door", THEN, ".avi");
    write(first, 0, 10);
    store.publish(first, LENGTH).join();
    leaveBehind("20260223-144819-2.avi", new byte[] {1});
    Files.writeString(folder.outbox().resolve("20260223-144819-3.avi.json"), "{}");

    assertThat(store.begin("door", THEN, ".avi").name()).isEqualTo("20260223-144819-4.avi");
    assertThat(store.begin("door", THEN, ".avi").name()).isEqualTo("20260223-144819-5.avi");
  }

  @Test
  void nameRemainsTakenAfterTheJobWasSent() throws IOException {
    PendingClip first = store.begin("door", THEN, ".avi");
    write(first, 0, 10);
    store.publish(first, LENGTH).join();
    store.outbox().remove(first.name());

    assertThat(store.begin("door", THEN, ".avi").name()).isEqualTo("20260223-144819-2.avi");
  }

  @Test
  void concurrentCamerasGetDifferentNames() throws Exception {
    ExecutorService cameras = Executors.newFixedThreadPool(8);
    try {
      List<Future<PendingClip>> begun = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        begun.add(cameras.submit(() -> store.begin("door", THEN, ".avi")));
      }
      List<String> names = new ArrayList<>();
      for (Future<PendingClip> pending : begun) {
        names.add(pending.get().name());
      }
      assertThat(names).doesNotHaveDuplicates();
    } finally {
      cameras.shutdownNow();
    }
  }

  @Test
  void doesNotOverwriteANameTakenMeanwhile() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 10);
    Path taken = Files.writeString(root.resolve("video/20260223-144819.avi"), "mine");

    store.publish(pending, LENGTH).join();

    assertThat(taken).hasContent("mine");
    assertThat(clips()).containsExactly("20260223-144819-2.avi", "20260223-144819.avi");
    assertThat(store.outbox().get("20260223-144819.avi").orElseThrow().filename())
        .isEqualTo("20260223-144819-2.avi");
    assertThat(published).containsExactly("20260223-144819-2.avi");
  }

  // publication

  @Test
  void publishedClipHasItsNameAndItsJob() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 100);
    assertThat(clips()).isEmpty();

    store.publish(pending, LENGTH).join();

    assertThat(clips()).containsExactly("20260223-144819.avi");
    assertThat(pendingClips()).isEmpty();
    assertThat(published).containsExactly("20260223-144819.avi");
    Job job = store.outbox().get("20260223-144819.avi").orElseThrow();
    assertThat(job.id()).matches("[0-9a-f-]{36}");
    assertThat(job).isEqualTo(new Job(job.id(), "20260223-144819.avi", "door", THEN));
    assertThat(clip("20260223-144819.avi").data()).containsExactlyElementsOf(footage.data());
  }

  @Test
  void discardedClipLeavesNothing() throws IOException {
    store.discard(store.begin("door", THEN, ".avi"));

    assertThat(pendingClips()).isEmpty();
    assertThat(store.begin("door", THEN, ".avi").name()).isEqualTo("20260223-144819.avi");
  }

  @Test
  void failedPublicationIsRetriedWithTheNextClip() throws IOException {
    PendingClip first = store.begin("door", THEN, ".avi");
    write(first, 0, 50);
    PendingClip second = store.begin("door", THEN.plusSeconds(2), ".avi");
    write(second, 50, 100);
    Files.delete(folder.outbox());
    Files.createFile(folder.outbox());

    store.publish(first, LENGTH).join();
    assertThat(clips()).isEmpty();
    assertThat(pendingClips()).hasSize(2);

    Files.delete(folder.outbox());
    Files.createDirectory(folder.outbox());
    store.publish(second, LENGTH).join();

    assertThat(clips()).containsExactly("20260223-144819.avi", "20260223-144821.avi");
    assertThat(pendingClips()).isEmpty();
    assertThat(store.outbox().clips()).hasSize(2);
  }

  // recovery

  @Test
  void clipOfAnEarlierRunIsWrittenAnew() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 100);
    byte[] content = Files.readAllBytes(pending.file());
    Object identity = Files.getAttribute(pending.file(), "unix:ino");

    reopen(false);

    Path clip = folder.root().resolve(pending.name());
    assertThat(clip).hasBinaryContent(content);
    assertThat(Files.getAttribute(clip, "unix:ino")).isNotEqualTo(identity);
  }

  @Test
  void salvagesATruncatedClip() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 100);
    byte[] whole = Files.readAllBytes(pending.file());
    long end = whole.length * 6L / 10;
    leaveBehind(pending.name(), Arrays.copyOf(whole, (int) end));

    reopen(false);

    assertThat(clips()).containsExactly("20260223-144819.avi");
    RecordedClip clip = clip("20260223-144819.avi");
    assertThat(clip.data().size()).isBetween(40, 80);
    assertThat(clip.data())
        .containsExactlyElementsOf(footage.data().subList(0, clip.data().size()));
    for (int i = 0; i < clip.data().size(); i++) {
      assertThat(clip.keyframes().get(i)).as("packet %d", i).isEqualTo(footage.keyframe(i));
    }
    assertThat(clip.decoded()).isEqualTo(clip.data().size());
    assertThat(clip.frameRate()).isEqualTo(25);
    assertThat(clip.seconds()).isCloseTo(clip.data().size() / 25.0, within(0.001));
    assertThat(clip.metadata()).containsEntry("comment", "salvaged");
    Job job = store.outbox().get("20260223-144819.avi").orElseThrow();
    assertThat(job).isEqualTo(new Job(job.id(), "20260223-144819.avi", "door", THEN));
    assertThat(pendingClips()).isEmpty();
  }

  @Test
  void publishesACompleteClipUnchanged() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 100);
    byte[] bytes = Files.readAllBytes(pending.file());

    reopen(false);

    assertThat(root.resolve("video/20260223-144819.avi")).hasBinaryContent(bytes);
    Job job = store.outbox().get("20260223-144819.avi").orElseThrow();
    assertThat(job).isEqualTo(new Job(job.id(), "20260223-144819.avi", "door", THEN));
  }

  @Test
  void salvagedClipKeepsTheTimeOfMissingFrames() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    try (CopyClipWriter writer = writer(pending)) {
      for (int i = 0; i < 100; i++) {
        try (Packet packet = footage.packet(i, (i < 50 ? i : i + 25) * 40_000L)) {
          writer.write(packet);
        }
      }
    }
    byte[] whole = Files.readAllBytes(pending.file());
    leaveBehind(pending.name(), Arrays.copyOf(whole, whole.length * 9 / 10));

    reopen(false);

    RecordedClip clip = clip("20260223-144819.avi");
    assertThat(clip.data()).hasSizeBetween(60, 99);
    assertThat(clip.slots()).endsWith(clip.data().size() + 24L);
    assertThat(clip.seconds()).isCloseTo((clip.data().size() + 25) / 25.0, within(0.001));
  }

  /** H.265: cut off anywhere, what was written up to a second before is kept. */
  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.5, 0.77, 0.95, 0.999})
  void salvagesATruncatedMatroskaClip(double share) throws IOException {
    PendingClip pending = store.begin("двір", THEN, ".mkv");
    writeMatroska(pending);
    byte[] whole = Files.readAllBytes(pending.file());
    leaveBehind(pending.name(), Arrays.copyOf(whole, (int) (whole.length * share)));

    reopen(false);

    RecordedClip clip = clip("20260223-144819.mkv");
    assertThat(clip.data().size()).isBetween((int) (60 * share) - 12, 60);
    assertThat(clip.decoded()).isEqualTo(clip.data().size());
    assertThat(clip.seconds()).isCloseTo(clip.data().size() / 12.0, within(0.3));
    assertThat(clip.metadata()).containsEntry("comment", "salvaged").containsEntry("title", "двір");
    Job job = store.outbox().get("20260223-144819.mkv").orElseThrow();
    assertThat(job).isEqualTo(new Job(job.id(), "20260223-144819.mkv", "двір", THEN));
  }

  @Test
  void salvagedClipWithoutMetadataTakesItsTimeFromItsName() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    PendingClip untagged = new PendingClip(pending.name(), pending.file(), null, null);
    write(untagged, 0, 50);

    reopen(false);

    Job job = store.outbox().get("20260223-144819.avi").orElseThrow();
    assertThat(job.camera()).isNull();
    assertThat(job.recordedAt()).isEqualTo("2026-02-23T14:48:19+02:00");
  }

  @Test
  void setsUnreadableFilesAside() throws IOException {
    byte[] garbage = "not an AVI file".repeat(3000).getBytes(StandardCharsets.UTF_8);
    leaveBehind("20260223-144819.avi", garbage);

    reopen(false);
    leaveBehind("20260223-144819.avi", garbage);
    reopen(false);

    assertThat(folder.recording().resolve("unreadable/20260223-144819.avi"))
        .hasBinaryContent(garbage);
    assertThat(folder.recording().resolve("unreadable/20260223-144819-2.avi"))
        .hasBinaryContent(garbage);
    assertThat(clips()).isEmpty();
    assertThat(store.outbox().clips()).isEmpty();
  }

  @Test
  void setsARecordingWithAnImpossiblePictureAside() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 100);
    byte[] whole = Files.readAllBytes(pending.file());
    byte[] damaged = Arrays.copyOf(whole, indexOf(whole, "movi") + 4);
    // The height in the stream's format: after the chunk's name, its size, that size again, width.
    damaged[indexOf(whole, "strf") + 18] = 0x20;
    leaveBehind(pending.name(), damaged);

    reopen(false);

    assertThat(folder.recording().resolve("unreadable").resolve(pending.name())).exists();
    assertThat(clips()).isEmpty();
  }

  /** FFmpeg's muxer refuses the gap of an hour that this makes before the first packet. */
  @Test
  void salvagesAllOfARecordingWithADamagedStartTime() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 100);
    byte[] damaged = Files.readAllBytes(pending.file());
    ByteBuffer.wrap(damaged)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(indexOf(damaged, "strh") + 36, 80_000);
    leaveBehind(pending.name(), Arrays.copyOf(damaged, damaged.length - 1_000));

    reopen(false);

    RecordedClip clip = clip("20260223-144819.avi");
    assertThat(clip.data()).hasSizeGreaterThan(90);
    assertThat(clip.seconds()).isCloseTo(clip.data().size() / 25.0, within(0.001));
  }

  @Test
  void salvagesAllOfARecordingWithADamagedFrameRate() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 100);
    byte[] damaged = Files.readAllBytes(pending.file());
    ByteBuffer.wrap(damaged)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(indexOf(damaged, "strh") + 28, 65_534) // seconds
        .putInt(indexOf(damaged, "strh") + 32, 5); // frames
    leaveBehind(pending.name(), Arrays.copyOf(damaged, damaged.length - 1_000));

    reopen(false);

    RecordedClip clip = clip("20260223-144819.avi");
    assertThat(clip.data()).hasSizeGreaterThan(90);
    assertThat(clip.frameRate()).isEqualTo(25);
  }

  @Test
  void setsARecordingThatItsContainerDoesNotTakeAside() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".mkv");
    writeMatroska(pending);
    byte[] damaged = Files.readAllBytes(pending.file());
    damaged[indexOf(damaged, "V_MPEGH/ISO/HEVC") + 2] ^= 1;
    leaveBehind(pending.name(), Arrays.copyOf(damaged, damaged.length - 1_000));

    reopen(false);

    assertThat(folder.recording().resolve("unreadable").resolve(pending.name())).exists();
    assertThat(avis(folder.root())).isEmpty();
  }

  @Test
  void aFullDiskIsNoFaultOfTheRecording() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full));
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 100);

    assertThatThrownBy(() -> ClipRepair.copy(pending.file(), full))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ClipRepair.UnreadableException.class)
        .hasMessageContaining("No space left");
  }

  @Test
  void clipWithoutPacketsLeavesNothing() throws IOException {
    store.begin("door", THEN, ".avi");
    write(store.begin("door", THEN, ".avi"), 0, 0);
    leaveBehind("20260223-144819-9.avi.salvage", new byte[] {1});
    leaveBehind("../.outbox/20260223-144819-9.avi.tmp", new byte[] {1});

    reopen(false);

    assertThat(clips()).isEmpty();
    assertThat(pendingClips()).isEmpty();
    assertThat(folder.outbox()).isEmptyDirectory();
  }

  @Test
  void clipWithOutboxEntryIsGivenItsName() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 50);
    byte[] bytes = Files.readAllBytes(pending.file());
    Job job = new Job("the-id", pending.name(), "door", THEN);
    store.outbox().put(pending.name(), job);

    reopen(false);

    assertThat(root.resolve("video/20260223-144819.avi")).hasBinaryContent(bytes);
    assertThat(pendingClips()).isEmpty();
    assertThat(store.outbox().get(pending.name()).orElseThrow()).isEqualTo(job);
    assertThat(published).containsExactly("20260223-144819.avi");
  }

  @Test
  void clipWithBothNamesLosesTheOldOne() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 50);
    store.outbox().put(pending.name(), new Job("the-id", pending.name(), "door", THEN));
    Files.createLink(root.resolve("video/20260223-144819.avi"), pending.file());

    reopen(false);

    assertThat(clips()).containsExactly("20260223-144819.avi");
    assertThat(pendingClips()).isEmpty();
    assertThat(store.outbox().clips()).hasSize(1);
  }

  @Test
  void clipThatCannotBeNamedGetsNoSecondJob() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 50);
    Job job = new Job("the-id", "no-such-folder/clip.avi", "door", THEN);
    store.outbox().put(pending.name(), job);

    reopen(false);

    assertThat(pendingClips()).containsExactly(pending.name());
    assertThat(store.outbox().get(pending.name())).contains(job);
    assertThat(clips()).isEmpty();
  }

  @Test
  void clipWithDamagedOutboxEntryIsSalvaged() throws IOException {
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 50);
    Files.writeString(folder.outbox().resolve(pending.name() + ".json"), "{\"id\":");

    reopen(false);

    assertThat(clips()).containsExactly("20260223-144819.avi");
    assertThat(store.outbox().get(pending.name()).orElseThrow().camera()).isEqualTo("door");
    assertThat(folder.outbox().resolve("20260223-144819.avi.json.bad")).exists();
  }

  // the folder

  @Test
  void rejectsASecondService() {
    assertThatThrownBy(() -> open(false))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            folder.root().toString(), "another capture service", "set another VIDEO_DIR");
  }

  @Test
  void lockWhoseFileWasDeletedIsTakenAgain() throws IOException {
    Files.delete(folder.recording().resolve(".lock"));
    assertThat(ClipStore.isInUse(folder)).isFalse();

    store.begin("door", THEN, ".avi");

    assertThat(ClipStore.isInUse(folder)).isTrue();
  }

  @Test
  void recordsNothingBesideAServiceThatTookTheLock() throws IOException {
    Files.delete(folder.recording().resolve(".lock"));
    try (ClipStore other = open(false)) {
      assertThatThrownBy(() -> store.begin("door", THEN, ".avi"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another capture service");
      assertThat(other.begin("door", THEN, ".avi").name()).isEqualTo("20260223-144819.avi");
    }
    store.begin("door", THEN, ".avi");
  }

  @Test
  void leavesWhatAnotherServiceIsRecording() throws Exception {
    PendingClip growing = store.begin("door", THEN, ".avi");
    write(growing, 0, 50);
    byte[] part = Files.readAllBytes(growing.file());
    PendingClip left = store.begin("door", THEN.plusSeconds(5), ".avi");
    write(left, 50, 100);
    Files.delete(folder.recording().resolve(".lock"));
    AtomicBoolean stop = new AtomicBoolean();
    Thread recorder =
        new Thread(
            () -> {
              while (!stop.get()) {
                try {
                  Files.write(growing.file(), part, StandardOpenOption.APPEND);
                  TimeUnit.MILLISECONDS.sleep(100);
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
            });
    recorder.start();
    try (ClipStore other = open(false)) {
      assertThat(clips()).containsExactly(left.name());
      assertThat(pendingClips()).containsExactly(growing.name());
      PendingClip next = other.begin("door", THEN.plusSeconds(9), ".avi");
      write(next, 50, 100);
      other.publish(next, LENGTH).join();
      assertThat(pendingClips()).containsExactly(growing.name());
    } finally {
      stop.set(true);
      recorder.join();
    }
  }

  @Test
  void closeReleasesTheLock() throws IOException {
    store.close();

    store = open(false);
  }

  @Test
  void onlyTheUserSeesRecordingsAndJobsAndOthersTheClipsAsBefore() throws IOException {
    var privately = PosixFilePermissions.fromString("rwx------");
    assertThat(Files.getPosixFilePermissions(folder.recording())).isEqualTo(privately);
    assertThat(Files.getPosixFilePermissions(folder.outbox())).isEqualTo(privately);
    Files.setPosixFilePermissions(folder.recording(), PosixFilePermissions.fromString("rwxr-xr-x"));

    reopen(false);
    PendingClip pending = store.begin("door", THEN, ".avi");
    write(pending, 0, 10);
    store.publish(pending, LENGTH).join();

    assertThat(Files.getPosixFilePermissions(folder.recording()))
        .as("as an earlier version made it")
        .isEqualTo(privately);
    assertThat(Files.getPosixFilePermissions(folder.root().resolve(pending.name())))
        .isEqualTo(Files.getPosixFilePermissions(Files.createFile(root.resolve("other"))));
  }

  @Test
  void reportsAnUnusableFolderWithItsReason() throws IOException {
    Path file = Files.createFile(root.resolve("file"));

    assertThatThrownBy(() -> ClipStore.open(new VideoFolder(file), false, KYIV, ClipListener.NONE))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(file.toString(), "not a folder");
  }

  private ClipStore open(boolean cameraInNames) throws IOException {
    return ClipStore.open(
        folder,
        cameraInNames,
        KYIV,
        new ClipListener() {
          @Override
          public void published(Path clip, Job job) {
            assertThat(clip).isEqualTo(root.resolve("video").resolve(job.filename())).exists();
            published.add(job.filename());
          }
        });
  }

  /** As a restart would. */
  private void reopen(boolean cameraInNames) throws IOException {
    store.close();
    store = open(cameraInNames);
  }

  private void leaveBehind(String name, byte[] content) throws IOException {
    Files.write(folder.recording().resolve(name), content);
  }

  private static int indexOf(byte[] content, String text) {
    return new String(content, StandardCharsets.ISO_8859_1).indexOf(text);
  }

  private static CopyClipWriter writer(PendingClip pending) throws IOException {
    return new CopyClipWriter(
        pending.file(), footage.info().parameters(), new FrameRate(25, 1), pending.metadata());
  }

  private static void write(PendingClip pending, int from, int to) throws IOException {
    try (CopyClipWriter writer = writer(pending)) {
      for (int i = from; i < to; i++) {
        try (Packet packet = footage.packet(i)) {
          writer.write(packet);
        }
      }
    }
  }

  private static void writeMatroska(PendingClip pending) throws IOException {
    try (Footage hevc = Footage.of(Samples.file("hevc.mp4"));
        CopyClipWriter writer =
            new CopyClipWriter(
                pending.file(),
                hevc.info().parameters(),
                new FrameRate(12, 1),
                pending.metadata())) {
      for (int i = 0; i < hevc.size(); i++) {
        try (Packet packet = hevc.packet(i)) {
          writer.write(packet);
        }
      }
    }
  }

  private RecordedClip clip(String name) {
    return RecordedClip.read(folder.root().resolve(name));
  }

  private List<String> clips() throws IOException {
    return avis(folder.root());
  }

  private List<String> pendingClips() throws IOException {
    return avis(folder.recording());
  }

  private static List<String> avis(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains(".avi"))
          .sorted()
          .toList();
    }
  }
}
