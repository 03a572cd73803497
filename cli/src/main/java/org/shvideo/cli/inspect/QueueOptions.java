package org.shvideo.cli.inspect;

import java.nio.file.Path;
import org.shvideo.tasks.queue.EmbeddedAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Option;

/** Finds the queue: the one the environment names, or the one that a running pipeline embeds. */
final class QueueOptions {
  @Option(
      names = "--video-dir",
      paramLabel = "DIR",
      description = "The video folder; VIDEO_DIR, or ./video, where not given.")
  private Path videoDir;

  VideoFolder folder() {
    return folder(Settings.ofProcess(), videoDir);
  }

  static VideoFolder folder(Settings settings, Path given) {
    return new VideoFolder(given != null ? given : settings.get(VideoFolder.SETTING));
  }

  /** RDS_HOST in the environment wins, so that a queue elsewhere can be asked from any folder. */
  JobQueue open() {
    Settings settings = EmbeddedAddress.wire(Settings.ofProcess(), folder());
    QueueSettings queue = QueueSettings.from(settings);
    settings.check();
    return new JobQueue(queue);
  }
}
