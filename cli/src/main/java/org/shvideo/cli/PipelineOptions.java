package org.shvideo.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Option;

/** The options of {@code run} and {@code demo}. */
final class PipelineOptions {
  @Option(
      names = "--video-dir",
      paramLabel = "DIR",
      description = "Folder for clips, snapshots and the log (default: VIDEO_DIR).")
  private Path videoDir;

  @Option(
      names = "--clips",
      paramLabel = "N",
      description = "Exit after N clips are analysed (default: run until Ctrl-C).")
  private Integer clips;

  @Option(
      names = "--record-seconds",
      paramLabel = "S",
      description = "Length of a clip in seconds (default: RECORD_SECONDS, or 30).")
  private Double recordSeconds;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show the log of each service.")
  private boolean verbose;

  /** The environment, overridden by these options; the default folder is used if none is set. */
  Settings settings(Path defaultFolder) {
    Settings environment = Settings.ofProcess();
    Map<String, String> given = new LinkedHashMap<>();
    if (videoDir != null) {
      given.put(VideoFolder.SETTING.name(), videoDir.toString());
    } else if (!environment.isSet(VideoFolder.SETTING.name())) {
      given.put(VideoFolder.SETTING.name(), defaultFolder.toString());
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

  /** The number of clips to exit after; 0 for no limit. */
  int clips() {
    if (clips != null && clips < 1) {
      throw new UserException("--clips must be at least 1, not " + clips);
    }
    return clips == null ? 0 : clips;
  }
}
