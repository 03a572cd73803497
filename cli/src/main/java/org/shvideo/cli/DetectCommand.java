package org.shvideo.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.shvideo.cli.pipeline.VideoFiles;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.clip.Sampling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Analyses video files directly, without the queue and the log. */
@Command(
    name = "detect",
    description = {
      "Lists the objects in video files (avi, mp4, mkv, webm …). Uses neither queue nor log.",
      "Prints one line per file, as the worker would write it."
    })
final class DetectCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Video files.")
  private List<Path> files;

  @Option(names = "--every", description = "Analyse every frame, not only those that changed.")
  private boolean every;

  @Option(names = "--json", description = "Print only the JSON lines.")
  private boolean json;

  @Option(
      names = "--snapshots",
      description = "Save the best frame with boxes beside each file, as the worker does.")
  private boolean snapshots;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    LogLevel.WARNING.apply();
    return VideoFiles.forEach(
        files,
        spec.commandLine().getErr(),
        (file, detector, settings) -> {
          Sampling sampling = every ? Sampling.EVERY : settings.sampling();
          var analyzer = new ClipAnalyzer(detector, sampling, snapshots);
          print(
              json
                  ? analyzer.analyse(file, (frames, total) -> {})
                  : VideoFiles.analyse(analyzer, file, file.getFileName().toString()));
        });
  }

  private void print(DetectionLine line) {
    PrintWriter out = spec.commandLine().getOut();
    if (!json) {
      out.printf(
          "%s: %.1f s, %d of %d frames analysed in %.1f s%n",
          line.filename(),
          line.durationSeconds(),
          line.analysed(),
          line.frames(),
          line.elapsedSeconds());
      for (DetectedObject object : line.objects()) {
        out.printf(
            "  %-14s %.2f  in %4d frames, from %.1f s to %.1f s, %d at once%n",
            object.label(),
            object.confidence(),
            object.frames(),
            object.firstSeconds(),
            object.lastSeconds(),
            object.maxAtOnce());
      }
    }
    out.println(Json.write(line));
    out.flush();
  }
}
