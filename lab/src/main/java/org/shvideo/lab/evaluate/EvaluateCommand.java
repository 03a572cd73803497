package org.shvideo.lab.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.cli.pipeline.VideoFiles;
import org.shvideo.lab.measure.BenchReport;
import org.shvideo.lab.measure.Cost;
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

/** Compares adaptive sampling with the analysis of every frame, and that with a reference. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "What adaptive sampling finds of what the analysis of every frame finds, and how much"
          + " sooner.",
      "Analyses each file twice.",
      "And what motion capture would find in it, as the environment sets it, of what is found when"
          + " every frame is decoded and looked at. A camera's connection begins with everything"
          + " decoded: shorter clips tell how motion is found, but hardly what is missed at rest."
    })
public final class EvaluateCommand implements Callable<Integer> {
  /** The engine optimises the model in its first passes over pictures of a size. */
  private static final int WARM_UP_PASSES = 4;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Video files.")
  private List<Path> files;

  @Option(
      names = "--reference",
      paramLabel = "JSONL",
      description = {
        "What is known of the files, one line each:",
        "{\"file\": NAME, \"objects\": {LABEL: {\"frames\": N}}}"
      })
  private Path reference;

  @Option(names = "--json", description = "Print JSON, one line a file.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    LogLevel.WARNING.apply();
    Map<String, Map<String, Integer>> known =
        reference == null ? Map.of() : readReference(reference);
    Settings environment = Settings.ofProcess();
    MotionSettings motion = MotionSettings.from(environment, "file");
    ClipSettings clip = ClipSettings.from(environment);
    environment.check();
    return VideoFiles.forEach(
        files,
        spec.commandLine().getErr(),
        (file, detector, settings) -> {
          warmUp(detector, file);
          show(
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
    Cost every = Cost.of(() -> lines[0] = analyse(detector, Sampling.EVERY, file));
    Cost adaptive = Cost.of(() -> lines[1] = analyse(detector, Sampling.ADAPTIVE, file));
    return Evaluation.of(lines[0], every, lines[1], adaptive, reference, motion);
  }

  private static void warmUp(YoloDetector detector, Path file)
      throws IOException, ClipUnreadableException {
    try (ClipReader reader = ClipReader.open(file, 1)) {
      if (reader.next()) {
        try (ClipFrame frame = reader.copy()) {
          for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
            detector.detect(frame);
          }
        }
      }
    }
  }

  private static DetectionLine analyse(YoloDetector detector, Sampling sampling, Path file)
      throws IOException, ClipUnreadableException {
    var detection =
        new ClipAnalyzer(detector, sampling, false, Clock.system(ZoneId.systemDefault()));
    return VideoFiles.analyse(detection, file, file.getFileName() + ", " + sampling);
  }

  private void show(Evaluation evaluation) throws IOException {
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
        "%s: %d frames; adaptive looks at %d of them, %s times fewer, and is done in %.1f s instead"
            + " of %.1f, %s times sooner, with %s times less processor time%n",
        evaluation.file(),
        evaluation.frames(),
        evaluation.adaptive().analysed(),
        BenchReport.shown(evaluation.framesRatio()),
        evaluation.adaptive().elapsedSeconds(),
        evaluation.every().elapsedSeconds(),
        BenchReport.shown(evaluation.elapsedRatio()),
        BenchReport.shown(evaluation.processorRatio()));
    out.printf(
        "  adaptive against every: recall %.1f %%; missed: %s; added: %s%n",
        100 * evaluation.recall(), listed(evaluation.missed()), listed(evaluation.added()));
    Evaluation.Agreement agreement = evaluation.reference();
    if (agreement != null) {
      out.printf(
          "  every against the reference: recall %.1f %%; missed: %s; added: %s%n",
          100 * agreement.recall(), listed(agreement.missed()), listed(agreement.added()));
    }
    print(evaluation.motion(), out);
    out.printf("  %-16s %8s %9s %10s%n", "frames with", "every", "adaptive", "reference");
    for (Evaluation.Sighting seen : evaluation.classes()) {
      out.printf(
          "  %-16s %8d %9d %10s%n",
          seen.label(),
          seen.every(),
          seen.adaptive(),
          seen.reference() == null ? "" : seen.reference());
    }
  }

  private static void print(MotionEvaluation motion, PrintWriter out) {
    out.printf(
        "  motion: %d of capture, %d in all frames; missed: %s; added: %s; begins at most %.1f s"
            + " later, told after %.1f s at most, which the pre-roll %s; at rest %.0f %% of the"
            + " time%n",
        motion.events(),
        motion.exhaustive(),
        at(motion.missed()),
        at(motion.added()),
        motion.latestBegin(),
        motion.toldWithin(),
        motion.preRollPrecedes() ? "outlasts" : "DOES NOT OUTLAST",
        100 * motion.resting());
  }

  private static String at(List<Double> seconds) {
    return listed(seconds.stream().map(second -> "at %.1f s".formatted(second)).toList());
  }

  private static String listed(List<String> labels) {
    return labels.isEmpty() ? "none" : String.join(", ", labels);
  }

  /** By file name and label, in how many frames it was seen. */
  static Map<String, Map<String, Integer>> readReference(Path file) {
    Map<String, Map<String, Integer>> known = new HashMap<>();
    int number = 0;
    try {
      for (String text : Files.readAllLines(file)) {
        number++;
        if (text.isBlank()) {
          continue;
        }
        JsonNode line = Json.read(text, JsonNode.class);
        Map<String, Integer> frames = new LinkedHashMap<>();
        line.path("objects")
            .properties()
            .forEach(seen -> frames.put(seen.getKey(), seen.getValue().path("frames").asInt()));
        String name = line.path("file").asText();
        if (name.isEmpty()) {
          throw new UserException(
              "%s, line %d names no \"file\": it is no reference".formatted(file, number));
        }
        known.put(name, frames);
      }
      return known;
    } catch (JsonProcessingException e) {
      throw new UserException("%s, line %d is no JSON".formatted(file, number), e);
    } catch (NoSuchFileException e) {
      throw new UserException("there is no file " + file, e);
    } catch (IOException e) {
      throw new UserException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }
}
