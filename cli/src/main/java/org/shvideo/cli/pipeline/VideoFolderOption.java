package org.shvideo.cli.pipeline;

import java.nio.file.Path;
import java.util.Map;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Option;

/** The option {@code --video-dir}, and the queue that belongs to the folder. */
public final class VideoFolderOption {
  @Option(
      names = "--video-dir",
      paramLabel = "DIR",
      description = "Video folder (default: VIDEO_DIR, or ./video).")
  private Path videoDir;

  /** The settings, with the option taking precedence over {@code VIDEO_DIR}. */
  public Settings addTo(Settings settings) {
    return videoDir == null
        ? settings
        : settings.with(Map.of(VideoFolder.SETTING.name(), videoDir.toString()));
  }

  /** The folder that the option or the environment names. */
  public VideoFolder folder() {
    return new VideoFolder(addTo(Settings.ofProcess()).get(VideoFolder.SETTING));
  }

  /**
   * Connects to the Redis that {@code RDS_HOST} names, or else to the one that a running pipeline
   * embeds for this folder. The caller closes it.
   */
  public JobQueue openQueue() {
    Settings settings = EmbeddedRedisAddress.wire(Settings.ofProcess(), folder());
    return new JobQueue(settings.read(QueueSettings::from));
  }
}
