package org.shvideo.lab.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.cli.pipeline.VideoFiles;
import org.shvideo.lab.measure.BenchmarkReport;
import org.shvideo.lab.measure.Timing;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.ClipFrame;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.yolo.YoloDetector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares adaptive sampling with the analysis of every frame, and this with a reference. */
@Command(
    name = "evaluate",
    description = {
      "Compares adaptive sampling with the analysis of every frame: what it finds, and how much"
          + " faster. Analyses each file twice.",
      "Also compares capture's motion detection, as configured, with one that analyses every frame."
          + " Capture starts by decoding every frame, so short clips say little about what it"
          + " misses later, at rest."
    })
public final class EvaluateCommand implements Callable<Integer> {
  /** The engine optimises the model during its first passes for each size of pictures. */
  private static final int WARM_UP_PASSES = 4;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Video files.")
  private List<Path> files;

  @Option(
      names = "--reference",
      paramLabel = "JSONL",
      description = {
        "Known contents of the files, one per line:",
        "{\"file\": NAME, \"objects\": {LABEL: {\"frames\": N}}}"
      })
  private Path reference;

  @Option(names = "--json", description = "Print JSON, one line per file.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    LogLevel.WARNING.apply();
    Map<String, Map<String, Integer>> known =
        reference == null ? Map.of() : readReference(reference);
    Settings environment = Settings.ofProcess();
    MotionSettings motion = MotionSettings.from(environment);
    ClipSettings clip = environment.read(ClipSettings::from);
    return VideoFiles.forEach(
        files,
        spec.commandLine().getErr(),
        (file, detector, settings) -> {
          warmUp(detector, file);
          print(
              evaluate(
                  detector,
                  file,
                  known.get(file.getFileName().toString()),
                  MotionEvaluation.of(file, motion, clip)));
        });
  }

  private static Evaluation evaluate(
      YoloDetector detector, Path file, Map<String, Integer> reference, MotionEvaluation motion)
      throws IOException, ClipUnreadableException {
    DetectionLine[] lines = new DetectionLine[2];
    Timing every = Timing.of(() -> lines[0] = analyse(detector, Sampling.EVERY, file));
    Timing adaptive = Timing.of(() -> lines[1] = analyse(detector, Sampling.ADAPTIVE, file));
    return Evaluation.of(lines[0], every, lines[1], adaptive, reference, motion);
  }

  private static void warmUp(YoloDetector detector, Path file)
      throws IOException, ClipUnreadableException {
    try (ClipReader reader = ClipReader.open(file, 1)) {
      if (reader.next()) {
        try (ClipFrame frame = reader.copy()) {
          for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
            detector.analyse(frame);
          }
        }
      }
    }
  }

  private static DetectionLine analyse(YoloDetector detector, Sampling sampling, Path file)
      throws IOException, ClipUnreadableException {
    String title = file.getFileName() + ", " + sampling;
    return VideoFiles.analyse(new ClipAnalyzer(detector, sampling, false), file, title);
  }

  private void print(Evaluation evaluation) {
    PrintWriter out = spec.commandLine().getOut();
    if (asJson) {
      out.println(Json.write(evaluation));
    } else {
      print(evaluation, out);
    }
    out.flush();
  }

  private static void print(Evaluation evaluation, PrintWriter out) {
    out.printf(
        "%s: %d frames; adaptive analyses %d (ratio %s) in %.1f s instead of %.1f s (ratio %s),"
            + " ratio of processor times %s%n",
        evaluation.file(),
        evaluation.frames(),
        evaluation.adaptive().analysed(),
        BenchmarkReport.format(evaluation.framesRatio()),
        evaluation.adaptive().elapsedSeconds(),
        evaluation.every().elapsedSeconds(),
        BenchmarkReport.format(evaluation.elapsedRatio()),
        BenchmarkReport.format(evaluation.processorRatio()));
    print("adaptive compared with every", evaluation.agreement(), out);
    if (evaluation.reference() != null) {
      print("every compared with the reference", evaluation.reference(), out);
    }
    print(evaluation.motion(), out);
    out.printf("  %-16s %8s %9s %10s%n", "frames with", "every", "adaptive", "reference");
    for (Evaluation.ClassCount count : evaluation.classes()) {
      out.printf(
          "  %-16s %8d %9d %10s%n",
          count.label(),
          count.every(),
          count.adaptive(),
          count.reference() == null ? "" : count.reference());
    }
  }

  private static void print(String what, Evaluation.Agreement agreement, PrintWriter out) {
    out.printf(
        "  %s: recall %.1f %%; missed: %s; added: %s%n",
        what, 100 * agreement.recall(), list(agreement.missed()), list(agreement.added()));
  }

  private static void print(MotionEvaluation motion, PrintWriter out) {
    out.printf(
        "  motion: %d detected by capture, %d in all frames; missed: %s; added: %s; start delay at"
            + " most %.1f s, detection delay at most %.1f s, pre-roll %s; at rest %.0f %% of the"
            + " time%n",
        motion.events(),
        motion.exhaustive(),
        times(motion.missed()),
        times(motion.added()),
        motion.maxStartDelay(),
        motion.maxDetectionDelay(),
        motion.preRollSufficient() ? "sufficient" : "TOO SHORT",
        100 * motion.restShare());
  }

  private static String times(List<Double> seconds) {
    return list(seconds.stream().map(second -> "at %.1f s".formatted(second)).toList());
  }

  private static String list(List<String> labels) {
    return labels.isEmpty() ? "none" : String.join(", ", labels);
  }

  /** The number of frames, by file name and label. */
  static Map<String, Map<String, Integer>> readReference(Path file) {
    Map<String, Map<String, Integer>> reference = new HashMap<>();
    int number = 0;
    try {
      for (String line : Files.readAllLines(file)) {
        number++;
        if (!line.isBlank()) {
          ReferenceLine known = Json.read(line, ReferenceLine.class);
          if (known.file() == null) {
            throw new UserException(
                "%s is not a reference: line %d has no \"file\"".formatted(file, number));
          }
          reference.put(known.file(), known.frames());
        }
      }
      return reference;
    } catch (JsonProcessingException e) {
      throw new UserException("%s, line %d: invalid JSON".formatted(file, number), e);
    } catch (NoSuchFileException e) {
      throw new UserException(file + " does not exist", e);
    } catch (IOException e) {
      throw new UserException("Cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private record ReferenceLine(String file, Map<String, ReferenceObject> objects) {
    Map<String, Integer> frames() {
      Map<String, Integer> frames = new LinkedHashMap<>();
      if (objects != null) {
        objects.forEach((label, object) -> frames.put(label, object.frames()));
      }
      return frames;
    }
  }

  private record ReferenceObject(int frames) {}
}
