package org.shvideo.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Option;

/** What {@code run} and {@code demo} have in common. */
final class PipelineOptions {
  @Option(
      names = "--video-dir",
      paramLabel = "DIR",
      description = "Where clips, snapshots and the log go; VIDEO_DIR where not given.")
  private Path videoDir;

  @Option(
      names = "--clips",
      paramLabel = "N",
      description = "End after the lines of N clips; runs until Ctrl-C where not given.")
  private Integer clips;

  @Option(
      names = "--record-seconds",
      paramLabel = "S",
      description = "Length of a clip; RECORD_SECONDS, or 30, where not given.")
  private Double recordSeconds;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show the services' logs too.")
  private boolean verbose;

  /** The environment with these options in front; the folder is the given one where none is set. */
  Settings settings(Path usualFolder) {
    Settings environment = Settings.ofProcess();
    Map<String, String> given = new LinkedHashMap<>();
    if (videoDir != null) {
      given.put(VideoFolder.SETTING.name(), videoDir.toString());
    } else if (!environment.isSet(VideoFolder.SETTING.name())) {
      given.put(VideoFolder.SETTING.name(), usualFolder.toString());
    }
    if (recordSeconds != null) {
      given.put("RECORD_SECONDS", recordSeconds.toString());
    }
    if (!verbose) {
      given.put(LogLevel.SETTING.name(), LogLevel.WARNING.name());
    } else if (!environment.isSet(LogLevel.SETTING.name())) {
      given.put(LogLevel.SETTING.name(), LogLevel.INFO.name());
    }
    return environment.with(given);
  }

  /** How many clips to wait for; 0 for no end. */
  int clips() {
    if (clips != null && clips < 1) {
      throw new UserException("--clips must be 1 or more, not " + clips);
    }
    return clips == null ? 0 : clips;
  }
}
