package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.Outbox;
import org.shvideo.capture.testing.ChildProcess;
import org.shvideo.capture.testing.Footage;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.LoggerFactory;

/**
 * A disk that fails while a camera with 10 frames/s is recorded in clips of 4 s.
 *
 * <p>The operating system causes the faults, for a process of its own: without root's power over
 * permissions, or on a file system of its own, which is mounted read-only or has few inodes. Where
 * mounting is not allowed, as in most containers, the process removes the folders' permissions
 * instead: the same calls fail, for another reason.
 */
@Tag("process")
@Timeout(60)
class DiskFaultTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Instant BEGIN = Instant.parse("2026-02-23T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(BEGIN, ZoneOffset.UTC);
  private static final ClipSettings SETTINGS =
      new ClipSettings(Duration.ofSeconds(4), Duration.ZERO, 1 << 20, RecordMode.COPY);
  private static final MotionState MOTION = new MotionState(true, Long.MAX_VALUE / 2);
  private static final MotionState STILL = new MotionState(false, 0);

  private static Footage footage;

  @TempDir Path root;

  @BeforeAll
  static void film() {
    footage = Footage.mjpeg(10, 200);
  }

  @AfterAll
  static void free() {
    footage.close();
  }

  @Test
  void clipIsPublishedOncePermissionIsBack() throws Exception {
    assertThat(record(Fault.PERMISSIONS, withoutRootPower()))
        .contains(
            "Cannot publish clip 20260223-120005.avi: no permission to write",
            "Cannot record a clip: no permission to write",
            "Retrying in 10 s")
        .endsWith(CLIPS);
  }

  @Test
  void clipIsPublishedOnceInodesAreFree() throws Exception {
    List<String> mounted = mounted("nr_inodes=40");
    String output = record(mounted.isEmpty() ? Fault.PERMISSIONS : Fault.INODES, mounted);

    assertThat(output)
        .contains("Cannot publish clip 20260223-120005.avi: ", "Cannot record a clip: ")
        .endsWith(CLIPS);
    if (!mounted.isEmpty()) {
      assertThat(output).contains("No space left on device");
    }
  }

  @Test
  void recordsAgainOnceTheDiskIsWritable() throws Exception {
    List<String> mounted = mounted("size=64m");
    String output = record(mounted.isEmpty() ? Fault.PERMISSIONS : Fault.READ_ONLY, mounted);

    assertThat(output)
        .contains("Cannot publish clip 20260223-120005.avi: ", "Cannot record a clip: ")
        .endsWith(CLIPS);
    if (!mounted.isEmpty()) {
      assertThat(output).contains("Read-only file system");
    }
  }

  @Test
  void removedFolderIsCreatedAgain() throws Exception {
    Path video = root.resolve("video");
    VideoFolder folder = new VideoFolder(video);
    try (ClipStore store = ClipStore.open(folder, false, CLOCK, ClipListener.NONE);
        ClipRecorder recorder = recorder("door", store)) {
      feed(recorder, 0, 20, MOTION);
      FileOperations.deleteTree(video);
      feed(recorder, 20, 60, STILL);
      assertThat(video).doesNotExist();

      feed(recorder, 100, 105, MOTION);
      assertThat(ClipStore.isInUse(folder)).as("locked again").isTrue();
      feed(recorder, 105, 200, STILL);
    }

    assertThat(clips(video)).containsExactly("20260223-120010.avi");
    assertThat(RecordedClip.read(video.resolve("20260223-120010.avi")).data())
        .containsExactlyElementsOf(footage.data().subList(100, 140));
    assertThat(folder.outbox().resolve("20260223-120010.avi.json")).exists();
    assertThat(ClipStore.isInUse(folder)).isFalse();
  }

  @Test
  void hungDiskDelaysNoCamera() throws Exception {
    VideoFolder folder = new VideoFolder(root);
    try (ClipStore store = ClipStore.open(folder, true, CLOCK, ClipListener.NONE)) {
      Path pipe = blockOutboxEntry(folder, "20260223-120000-door.avi");
      try (ClipRecorder door = recorder("door", store);
          ClipRecorder gate = recorder("gate", store)) {
        long begin = System.nanoTime();
        for (int i = 0; i < 160; i++) {
          feed(door, i, i + 1, MOTION);
          feed(gate, i, i + 1, MOTION);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(clips(root)).isEmpty();
        assertThat(clips(folder.recording())).hasSize(8);

        unblock(pipe);
      }
    }

    assertThat(clips(root)).hasSize(8);
    for (String clip : clips(root)) {
      assertThat(RecordedClip.read(root.resolve(clip)).data()).as(clip).hasSize(40);
    }
  }

  /**
   * What {@link Child} has recorded. The clock stands still, so the last clip is named after its
   * stream time, 15 s, less the 11 s that were waited.
   */
  private static final String CLIPS =
      """
      20260223-120000.avi 40
      20260223-120004.avi 40
      20260223-120005.avi 40
      """;

  private enum Fault {
    PERMISSIONS,
    INODES,
    READ_ONLY
  }

  private String record(Fault fault, List<String> wrapper) throws Exception {
    Process child =
        ChildProcess.start(
            wrapper.isEmpty() ? withoutRootPower() : wrapper,
            Child.class,
            fault.name(),
            root.toString());
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(output).isZero();
    return output;
  }

  /** Root may write anything; a process of root without these capabilities may not. */
  private static List<String> withoutRootPower() {
    return System.getProperty("user.name").equals("root")
        ? List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search")
        : List.of();
  }

  /** Runs a command with a file system of its own in the folder; empty if that is not allowed. */
  private List<String> mounted(String options) throws Exception {
    List<String> wrapper =
        List.of(
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o " + options + " tmpfs \"$0\" && exec \"$@\"",
            root.toString());
    List<String> trial = new ArrayList<>(wrapper);
    trial.add("true");
    Process process =
        new ProcessBuilder(trial)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor() == 0 ? wrapper : List.of();
  }

  /** Makes writing the clip's outbox entry block. */
  private static Path blockOutboxEntry(VideoFolder folder, String clip) throws Exception {
    Path pipe = folder.outbox().resolve(clip + ".json.tmp");
    Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start();
    assertThat(mkfifo.waitFor()).isZero();
    return pipe;
  }

  /** Lets the blocked write return, which fails. */
  private static void unblock(Path pipe) throws Exception {
    await().atMost(TIMEOUT).until(DiskFaultTest::isPublisherBlocked);
    Path aside = pipe.resolveSibling("aside");
    Files.move(pipe, aside);
    new RandomAccessFile(aside.toFile(), "rw").close();
  }

  private static boolean isPublisherBlocked() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().equals("clip-publisher"))
        .map(Map.Entry::getValue)
        .anyMatch(
            stack ->
                stack.length > 0
                    && stack[0].getMethodName().startsWith("open")
                    && Stream.of(stack)
                        .anyMatch(frame -> frame.getClassName().equals(Outbox.class.getName())));
  }

  private static List<String> clips(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(ClipName::isClip)
          .sorted()
          .toList();
    }
  }

  private static ClipRecorder recorder(String camera, ClipStore store) {
    return new ClipRecorder(camera, footage.info(), SETTINGS, store, CLOCK, () -> 0);
  }

  private static void feed(ClipRecorder recorder, int from, int to, MotionState motion) {
    for (int i = from; i < to; i++) {
      recorder.accept(footage.packet(i), motion);
    }
  }

  /**
   * The process whose disk fails: records a clip, and another during which the disk fails; a third
   * begins then, and a fourth when the disk works again.
   */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      PrintStream out = System.out;
      Fault fault = Fault.valueOf(arguments[0]);
      Path root = Path.of(arguments[1]);
      film();
      VideoFolder folder = new VideoFolder(root);
      long[] nanos = new long[1];
      AtomicBoolean failed = new AtomicBoolean();
      AppenderBase<ILoggingEvent> appender =
          new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
              failed.compareAndSet(false, event.getLevel() == Level.ERROR);
            }
          };
      appender.start();
      ((Logger) LoggerFactory.getLogger(ClipStore.class.getPackageName())).addAppender(appender);
      try (ClipStore store = ClipStore.open(folder, false, CLOCK, ClipListener.NONE);
          ClipRecorder recorder =
              new ClipRecorder("door", footage.info(), SETTINGS, store, CLOCK, () -> nanos[0])) {
        feed(recorder, 0, 10, MOTION);
        feed(recorder, 10, 50, STILL);
        await().atMost(TIMEOUT).until(() -> clips(root).size() == 1);
        feed(recorder, 50, 60, MOTION);
        fail(fault, root);
        feed(recorder, 60, 100, STILL);
        feed(recorder, 100, 110, MOTION);
        await().atMost(TIMEOUT).untilTrue(failed);
        repair(fault, root);
        nanos[0] = Duration.ofSeconds(11).toNanos();
        feed(recorder, 150, 160, MOTION);
        feed(recorder, 160, 200, STILL);
      }
      for (String clip : clips(root)) {
        out.println(clip + " " + RecordedClip.read(root.resolve(clip)).data().size());
      }
      out.flush();
      free();
    }

    private static void fail(Fault fault, Path root) throws Exception {
      switch (fault) {
        case PERMISSIONS -> permit(root, "r-xr-xr-x");
        case READ_ONLY -> mount("mount", "--bind", "-o", "ro", root.toString(), root.toString());
        case INODES -> {
          Path filling = Files.createDirectory(root.resolve("filling"));
          for (int i = 0; i < 1000; i++) {
            try {
              Files.createFile(filling.resolve(Integer.toString(i)));
            } catch (IOException e) {
              return;
            }
          }
          throw new AssertionError("inodes are not limited");
        }
      }
    }

    private static void repair(Fault fault, Path root) throws Exception {
      switch (fault) {
        case PERMISSIONS -> permit(root, "rwxr-xr-x");
        case READ_ONLY -> mount("umount", "--lazy", root.toString());
        case INODES -> FileOperations.deleteTree(root.resolve("filling"));
      }
    }

    private static void permit(Path root, String permissions) throws IOException {
      for (Path folder : List.of(root, root.resolve(".recording"), root.resolve(".outbox"))) {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
      }
    }

    private static void mount(String... command) throws Exception {
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
  }
}
