package org.shvideo.cli.inspect;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.OutboxSender;
import org.shvideo.cli.pipeline.ClipAudit;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Polling;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.cli.pipeline.VideoFolderOption;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Audits the published clips, and repairs what can be repaired without risk. */
@Command(
    name = "check",
    description = {
      "Checks that every clip was analysed or is still queued.",
      "",
      "Compares the video folder, the outbox, the queue and the log, and lists what is wrong. Uses"
          + " the Redis at RDS_HOST, that of a running 'sh-video run', or starts the embedded one"
          + " for the check. Exit status: 0 if nothing is wrong, else 1."
    })
public final class CheckCommand implements Callable<Integer> {
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(20);

  @Mixin private VideoFolderOption videoFolder;

  @Option(
      names = "--repair",
      description =
          "Queue clips that have no job, recover unfinished recordings, send unsent jobs. Deletes"
              + " nothing.")
  private boolean repair;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    LogLevel.ERROR.apply();
    VideoFolder folder = videoFolder.folder();
    if (!Files.isDirectory(folder.root())) {
      throw new UserException(
          "There is no folder %s. Set --video-dir or VIDEO_DIR.".formatted(folder.root()));
    }
    Settings settings = EmbeddedRedisAddress.wire(Settings.ofProcess(), folder);
    if (settings.isSet("RDS_HOST")) {
      return check(folder, settings);
    }
    if (Files.isDirectory(EmbeddedRedisAddress.home(folder))) {
      try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
        return check(folder, settings.with(redis.environment()));
      }
    }
    if (repair) {
      throw new UserException(
          "%s has no queue to repair: RDS_HOST is not set, and no 'sh-video run' ever used the folder."
              .formatted(folder.root()));
    }
    return print(ClipAudit.of(folder, null, ClipStore.isInUse(folder)));
  }

  private int check(VideoFolder folder, Settings settings) throws Exception {
    try (JobQueue queue = new JobQueue(settings.read(QueueSettings::from))) {
      queue.ping();
      if (repair) {
        repair(folder, queue);
      }
      return print(ClipAudit.of(folder, queue, ClipStore.isInUse(folder)));
    }
  }

  private void repair(VideoFolder folder, JobQueue queue) throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    if (ClipStore.isInUse(folder)) {
      err.println("A capture service uses this folder; its recordings and jobs are left to it.");
    } else {
      publishLeftovers(folder, queue, err);
    }
    for (Job job : ClipAudit.queueLostClips(folder, queue, ClipStore.isInUse(folder))) {
      err.println("Queued " + job.filename() + ", job " + job.id());
    }
  }

  /** Recovers recordings and sends jobs, as capture does when it starts. */
  private static void publishLeftovers(VideoFolder folder, JobQueue queue, PrintWriter err)
      throws Exception {
    ClipListener listener =
        new ClipListener() {
          @Override
          public void published(Path clip, Job job) {
            err.println("Recovered " + clip.getFileName() + ", job " + job.id());
          }

          @Override
          public void queued(Job job) {
            err.println("Sent " + job.filename() + ", job " + job.id());
          }
        };
    Clock clock = Clock.system(ZoneId.systemDefault());
    try (ClipStore store = ClipStore.open(folder, true, clock, listener);
        OutboxSender sender = new OutboxSender(store, queue, listener)) {
      sender.start();
      boolean unused = Polling.await(SEND_TIMEOUT, () -> sender.waiting() == 0);
    }
  }

  private int print(ClipAudit audit) {
    PrintWriter out = spec.commandLine().getOut();
    if (asJson) {
      out.println(Json.write(audit));
    } else {
      audit.print(out);
    }
    return audit.clean() ? 0 : 1;
  }
}
