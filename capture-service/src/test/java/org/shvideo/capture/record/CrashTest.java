package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipListener.Step;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.testing.ChildProcess;
import org.shvideo.capture.testing.Footage;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.VideoFolder;

/**
 * A recording process is killed at any step of publication, with other clips waiting to be
 * published and one in progress. The next process recovers every packet that reached the operating
 * system, once, in playable clips with one job each.
 */
@Tag("process")
@Timeout(60)
class CrashTest {
  private static final int FRAMES = 65;
  private static final int FRAME_RATE = 10;
  private static final Instant BEGIN = Instant.parse("2026-02-23T12:00:00Z");

  private static Footage footage;

  @TempDir Path root;

  @BeforeAll
  static void film() {
    footage = Footage.mjpeg(FRAME_RATE, FRAMES);
  }

  @AfterAll
  static void free() {
    footage.close();
  }

  @ParameterizedTest(name = "killed after step {0} of the second clip")
  @CsvSource({"SYNCED, 1", "JOB_WRITTEN, 1", "NAMED, 2", "NAME_SYNCED, 2", "PUBLISHED, 2"})
  void killedProcessLosesNoClip(Step step, int named) throws Exception {
    Process child = recording(List.of(), root, 2, step.name());
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      Set<String> output = new HashSet<>();
      while (!output.containsAll(Set.of("AT " + step, "FED"))) {
        String line = lines.readLine();
        assertThat(line).as("output of the child so far: %s", output).isNotNull();
        output.add(line);
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(clips()).hasSize(named);

    VideoFolder folder = new VideoFolder(root);
    List<String> filenames = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    try (ClipStore store = ClipStore.open(folder, false, Clock.systemUTC(), ClipListener.NONE)) {
      for (String clip : store.outbox().clips()) {
        Job job = store.outbox().get(clip).orElseThrow();
        filenames.add(job.filename());
        ids.add(job.id());
        assertThat(job.camera()).isEqualTo("door");
        assertThat(job.recordedAt()).isNotNull();
      }
    }

    assertThat(filenames).containsExactlyElementsOf(clips()).hasSize(4);
    assertThat(ids).hasSize(4);
    List<byte[]> packets = new ArrayList<>();
    for (String name : clips()) {
      RecordedClip clip = RecordedClip.read(root.resolve(name));
      assertThat(clip.decoded()).isEqualTo(clip.data().size()).isPositive();
      packets.addAll(clip.data());
      if (name.equals("20260223-120006.avi")) {
        assertThat(clip.metadata()).as(name).containsEntry("comment", "salvaged");
      } else {
        assertThat(clip.metadata()).as(name).doesNotContainKey("comment");
      }
    }
    // Of the clip in progress, what was written in the last second may be lost.
    assertThat(packets.size()).isBetween(FRAMES - FRAME_RATE, FRAMES);
    assertThat(packets).containsExactlyElementsOf(footage.data().subList(0, packets.size()));
    assertThat(folder.recording().toFile().list()).containsExactly(".lock");
  }

  @Test
  void fullDiskEndsTheClipAndKeepsItsPackets() throws Exception {
    // The operating system limits the size of this process' files, as a full disk would.
    Process child =
        recording(List.of("bash", "-c", "ulimit -f 40; exec \"$@\"", "child"), root, 30, "never");
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).isZero();

    assertThat(output)
        .containsOnlyOnce("Clip aborted: cannot write " + root)
        .contains("File too large", "recording again in 10 s.", "FED", "ENDED");

    ClipStore.open(new VideoFolder(root), false, Clock.systemUTC(), ClipListener.NONE).close();
    assertThat(clips()).hasSize(1);
    RecordedClip clip = RecordedClip.read(root.resolve(clips().get(0)));
    assertThat(clip.data()).hasSizeGreaterThan(FRAME_RATE / 2);
    assertThat(clip.data())
        .containsExactlyElementsOf(footage.data().subList(0, clip.data().size()));
  }

  private List<String> clips() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".avi"))
          .sorted()
          .toList();
    }
  }

  private static Process recording(List<String> wrapper, Path root, int seconds, String stopAt)
      throws IOException {
    return ChildProcess.start(
        wrapper, Child.class, root.toString(), Integer.toString(seconds), stopAt);
  }

  /**
   * The process that is killed: records clips of a given length, the last of which is unfinished.
   */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      PrintStream out = System.out;
      CountDownLatch never = new CountDownLatch(1);
      ClipSettings settings =
          new ClipSettings(
              Duration.ofSeconds(Long.parseLong(arguments[1])),
              Duration.ZERO,
              1 << 20,
              RecordMode.COPY);
      Clock clock = Clock.fixed(BEGIN, ZoneOffset.UTC);
      ClipStore store =
          ClipStore.open(
              new VideoFolder(Path.of(arguments[0])),
              false,
              clock,
              blockingAt(arguments[2], out, never));
      Footage footage = Footage.mjpeg(FRAME_RATE, FRAMES);
      ClipRecorder recorder =
          new ClipRecorder("door", footage.info(), settings, store, clock, () -> 0);
      for (int i = 0; i < FRAMES; i++) {
        recorder.accept(footage.packet(i), new MotionState(true, 0));
      }
      out.println("FED");
      if (!arguments[2].equals("never")) {
        never.await(1, TimeUnit.MINUTES);
      }
      recorder.close();
      store.close();
      out.println("ENDED");
    }

    /** Prints when the second clip reaches the step, and blocks the publishing thread there. */
    private static ClipListener blockingAt(String blocked, PrintStream out, CountDownLatch never) {
      return new ClipListener() {
        @Override
        public void step(Step step, String clip) {
          if (step.name().equals(blocked) && clip.equals("20260223-120002.avi")) {
            out.println("AT " + step);
            try {
              never.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        }
      };
    }
  }
}
