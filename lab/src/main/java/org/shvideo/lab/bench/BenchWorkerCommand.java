package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.TemporaryFolder;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.measure.BenchReport;
import org.shvideo.lab.measure.Cost;
import org.shvideo.lab.measure.SceneClip;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.ClipInfo;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Measures the analysis of clips: all frames against the bare model, adaptive sampling against all
 * frames.
 */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    description = {
      "How soon a clip is analysed: every frame against the bare model, adaptive sampling against"
          + " every frame, and how much memory that takes.",
      "Without a FILE the drawn scene is used at 1920x1080 and 25 frames a second, quiet and busy."
    })
final class BenchWorkerCommand implements Callable<Integer> {
  private static final int MOST_BARE_PASSES = 60;
  private static final int WARM_UP_PASSES = 10;

  @Parameters(arity = "0..*", paramLabel = "FILE", description = "Video files.")
  private List<Path> files = List.of();

  @Option(
      names = "--seconds",
      defaultValue = "30",
      description = "Length of the drawn clips; ${DEFAULT-VALUE} where not given.")
  private int seconds;

  @Option(
      names = "--repeats",
      defaultValue = "3",
      description = "How often each is measured; ${DEFAULT-VALUE} where not given.")
  private int repeats;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  private final BenchReport report = new BenchReport("worker");

  private record Subject(String name, Path file, String target) {}

  @Override
  public Integer call() throws IOException {
    LogLevel.ERROR.apply();
    Settings environment = Settings.ofProcess();
    WorkerSettings settings = WorkerSettings.from(environment);
    environment.check();
    Path model = Models.find(environment);
    try (TemporaryFolder folder = TemporaryFolder.make("sh-video-bench")) {
      List<Subject> subjects = subjects(folder.path());
      try (YoloDetector detector =
          YoloDetector.load(model, settings.confidence(), settings.iou(), settings.threads())) {
        for (Subject subject : subjects) {
          measure(detector, subject);
        }
      }
    } catch (ModelUnavailableException | ClipUnreadableException e) {
      throw new UserException(e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new UserException("there is no file " + e.getFile(), e);
    }
    report.print(spec.commandLine().getOut(), asJson);
    return 0;
  }

  private List<Subject> subjects(Path folder) throws IOException {
    List<Subject> subjects = new ArrayList<>();
    for (Path file : files) {
      subjects.add(new Subject(file.getFileName().toString(), file, ""));
    }
    if (files.isEmpty()) {
      say("drawing and encoding the scene");
      SceneClip scene = SceneClip.draw(new Scene(1920, 1080, 25, 7));
      Path quiet = folder.resolve("quiet.h264");
      Path busy = folder.resolve("busy.h264");
      scene.writeQuiet(quiet, seconds);
      scene.writeBusy(busy, seconds);
      subjects.add(new Subject("quiet", quiet, "≥ 20"));
      subjects.add(new Subject("busy", busy, "≥ 6"));
    }
    return subjects;
  }

  private void measure(YoloDetector detector, Subject subject)
      throws IOException, ClipUnreadableException {
    ClipInfo info;
    try (ClipReader reader = ClipReader.open(subject.file(), 1)) {
      info = reader.info();
    }
    say("%s: warming up".formatted(subject.name()));
    bare(detector, info, WARM_UP_PASSES);
    // Where the clip does not say how long it is, it is not short.
    int barePasses =
        info.expectedFrames() > 0
            ? Math.min(MOST_BARE_PASSES, info.expectedFrames())
            : MOST_BARE_PASSES;
    double[] every = new double[repeats];
    double[] adaptive = new double[repeats];
    double[] sooner = new double[repeats];
    double[] processorSaved = new double[repeats];
    double[] pass = new double[repeats];
    double[] overhead = new double[repeats];
    double[] processorOverhead = new double[repeats];
    double[] memory = new double[repeats];
    int[] frames = new int[2];
    for (int repeat = 0; repeat < repeats; repeat++) {
      say("%s: %d of %d".formatted(subject.name(), repeat + 1, repeats));
      forgetPeak();
      Cost before = Cost.of(() -> bare(detector, info, barePasses));
      Cost all =
          Cost.of(() -> frames[0] = analyse(detector, Sampling.EVERY, subject.file()).frames());
      Cost after = Cost.of(() -> bare(detector, info, barePasses));
      Cost some =
          Cost.of(
              () -> frames[1] = analyse(detector, Sampling.ADAPTIVE, subject.file()).analysed());
      // Half before and half after, so that what else runs on the machine weighs on both alike.
      Cost bare = new Cost(before.wall() + after.wall(), before.processor() + after.processor());
      double framesABarePass = frames[0] / (2.0 * barePasses);
      every[repeat] = all.wall();
      adaptive[repeat] = some.wall();
      sooner[repeat] = all.over(some, 1);
      processorSaved[repeat] = all.processorOver(some, 1);
      pass[repeat] = 1000 * bare.wall() / (2 * barePasses);
      overhead[repeat] = all.over(bare, framesABarePass);
      processorOverhead[repeat] = all.processorOver(bare, framesABarePass);
      memory[repeat] = peakMib();
    }
    String name =
        "%s (%d×%d, %d frames): ".formatted(subject.name(), info.width(), info.height(), frames[0]);
    report.add(name + "every", "s", every, "");
    report.add(name + "adaptive, %d frames".formatted(frames[1]), "s", adaptive, "");
    report.add(name + "adaptive sooner than every", "×", sooner, subject.target());
    report.add(name + "processor time, every to adaptive", "×", processorSaved, subject.target());
    report.add(
        name + "bare pass, %d side by side, a frame".formatted(detector.threads()), "ms", pass, "");
    report.add(name + "every to frames × bare pass", "×", overhead, "≤ 1.1");
    report.add(name + "the same in processor time", "×", processorOverhead, "≤ 1.1");
    if (memory[0] > 0) {
      report.add(name + "most memory (RSS)", "MiB", memory, "≤ 900");
    }
  }

  private static void bare(YoloDetector detector, ClipInfo info, int passes) {
    long unused = detector.barePassesNanos(info.width(), info.height(), passes);
  }

  /** Analyses one clip, writing nothing. */
  static DetectionLine analyse(YoloDetector detector, Sampling sampling, Path file)
      throws IOException, ClipUnreadableException {
    return new ClipAnalyzer(detector, sampling, false, Clock.system(ZoneId.systemDefault()))
        .analyse(file, (frames, total) -> {});
  }

  /** Lets the kernel count the peak anew, where it can. */
  private static void forgetPeak() {
    System.gc();
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      // no Linux: there is no peak to be read either
    }
  }

  /** 0 where the system does not tell. */
  private static double peakMib() {
    return BenchReport.fromProc("/proc/self/status", "VmHWM").map(BenchReport::kib).orElse(0L)
        / 1024.0;
  }

  private void say(String what) {
    BenchReport.say(spec, what);
  }
}
