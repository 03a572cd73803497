package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.measure.ProcFile;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.lab.measure.Timing;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.ClipInfo;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.YoloDetector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures the analysis of clips: every frame compared with the bare model, adaptive sampling
 * compared with every frame.
 */
@Command(
    name = "worker",
    description = {
      "Measures how long the analysis of a clip takes and how much memory: every frame compared"
          + " with the bare model, adaptive sampling compared with every frame.",
      "Without a FILE, uses the drawn scene at 1920x1080 and 25 frames/s, quiet and busy."
    })
final class BenchWorkerCommand extends Benchmark {
  private static final int MAX_BARE_PASSES = 60;
  private static final int WARM_UP_PASSES = 10;

  @Parameters(arity = "0..*", paramLabel = "FILE", description = "Video files.")
  private List<Path> files = List.of();

  @Option(
      names = "--seconds",
      defaultValue = "30",
      description = "Length of the drawn clips (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--repeats",
      defaultValue = "3",
      description = "Number of measurements (default: ${DEFAULT-VALUE}).")
  private int repeats;

  /** A clip; the target is that of the ratio of every frame to adaptive sampling. */
  private record TestClip(String name, Path file, String target) {}

  @Override
  void measure() throws IOException, ClipUnreadableException {
    try (YoloDetector detector = Models.load(Settings.ofProcess())) {
      for (TestClip clip : clips()) {
        measure(detector, clip);
      }
    } catch (NoSuchFileException e) {
      throw new UserException(e.getFile() + " does not exist", e);
    }
  }

  private List<TestClip> clips() throws IOException {
    if (!files.isEmpty()) {
      return files.stream().map(f -> new TestClip(f.getFileName().toString(), f, "")).toList();
    }
    progress("drawing and encoding the scene");
    SceneFootage footage = SceneFootage.draw(new Scene(1920, 1080, 25, 7));
    Path quiet = folder.resolve("quiet.h264");
    Path busy = folder.resolve("busy.h264");
    footage.write(quiet, footage.quiet(), seconds);
    footage.write(busy, footage.busy(), seconds);
    return List.of(new TestClip("quiet", quiet, "≥ 20"), new TestClip("busy", busy, "≥ 6"));
  }

  private void measure(YoloDetector detector, TestClip clip)
      throws IOException, ClipUnreadableException {
    ClipInfo info;
    try (ClipReader reader = ClipReader.open(clip.file(), 1)) {
      info = reader.info();
    }
    progress("%s: warming up".formatted(clip.name()));
    runModel(detector, info, WARM_UP_PASSES);
    // A clip of unknown length is taken for a long one.
    int passes =
        info.expectedFrames() > 0
            ? Math.min(MAX_BARE_PASSES, info.expectedFrames())
            : MAX_BARE_PASSES;
    for (int repeat = 0; repeat < repeats; repeat++) {
      progress("%s: %d of %d".formatted(clip.name(), repeat + 1, repeats));
      measureOnce(detector, clip, info, passes);
    }
  }

  private void measureOnce(YoloDetector detector, TestClip clip, ClipInfo info, int passes)
      throws IOException, ClipUnreadableException {
    resetPeakMemory();
    int[] frames = new int[2];
    Timing before = Timing.of(() -> runModel(detector, info, passes));
    Timing every =
        Timing.of(() -> frames[0] = analyse(detector, Sampling.EVERY, clip.file()).frames());
    Timing after = Timing.of(() -> runModel(detector, info, passes));
    Timing adaptive =
        Timing.of(() -> frames[1] = analyse(detector, Sampling.ADAPTIVE, clip.file()).analysed());
    // Half before and half after, so that other load on the machine affects both alike.
    Timing model = new Timing(before.wall() + after.wall(), before.processor() + after.processor());
    double framesPerPass = frames[0] / (2.0 * passes);
    String name =
        "%s (%d×%d, %d frames): ".formatted(clip.name(), info.width(), info.height(), frames[0]);
    report.add(name + "every", "s", every.wall());
    report.add(name + "adaptive, %d frames".formatted(frames[1]), "s", adaptive.wall());
    addRatios(name, every, "adaptive", adaptive, 1, clip.target());
    report.add(
        name + "model alone, %d at once, per frame".formatted(detector.threads()),
        "ms",
        1000 * model.wall() / (2 * passes));
    addRatios(name, every, "model alone", model, framesPerPass, "≤ 1.1");
    ProcFile.mebibytes("/proc/self/status", "VmHWM")
        .ifPresent(peak -> report.add(name + "peak memory (RSS)", "MiB", peak, "≤ 900"));
  }

  private void addRatios(
      String clip, Timing every, String what, Timing other, double factor, String target) {
    String row = "time, every to " + what;
    report.add(clip + row, "×", every.wallRatio(other, factor), target);
    report.add(clip + "processor " + row, "×", every.processorRatio(other, factor), target);
  }

  private static void runModel(YoloDetector detector, ClipInfo info, int passes) {
    detector.barePasses(info.width(), info.height(), passes);
  }

  /** Analyses a clip without writing anything. */
  static DetectionLine analyse(YoloDetector detector, Sampling sampling, Path file)
      throws IOException, ClipUnreadableException {
    return new ClipAnalyzer(detector, sampling, false).analyse(file, (frames, total) -> {});
  }

  /** Resets the peak that Linux records of this process' memory. */
  private static void resetPeakMemory() {
    System.gc();
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      // Other systems do not report a peak either.
    }
  }
}
