package org.shvideo.cli.inspect;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.OutboxSender;
import org.shvideo.cli.pipeline.ClipAudit;
import org.shvideo.cli.pipeline.ClipAudit.Anomaly;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.EmbeddedAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Accounts for every clip, and mends what can be mended without risk. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Accounts for every published clip: it has a line, or a job that will bring it one.",
      "",
      "Looks at the video folder, the outbox, the queue and the log, and names what is not as it"
          + " should be. Uses the Redis that RDS_HOST names, that of a running 'sh-video run', or"
          + " starts the embedded one for the moment. Exit status 0 when all is well, 1 when not."
    })
public final class CheckCommand implements Callable<Integer> {
  private static final ObjectMapper json = new JsonMapper();
  private static final Duration SENT_WITHIN = Duration.ofSeconds(20);

  @Mixin private QueueOptions options;

  @Option(
      names = "--repair",
      description =
          "Queue clips that have no job, salvage recordings that were left unfinished, send jobs"
              + " that were not sent. Nothing is deleted.")
  private boolean repair;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    LogLevel.ERROR.apply();
    VideoFolder folder = options.folder();
    if (!Files.isDirectory(folder.root())) {
      throw new UserException(
          "There is no folder " + folder.root() + "; --video-dir or VIDEO_DIR names the right one");
    }
    Settings settings = EmbeddedAddress.wire(Settings.ofProcess(), folder);
    if (settings.isSet("RDS_HOST")) {
      return check(folder, settings);
    }
    if (!Files.isDirectory(EmbeddedAddress.home(folder))) {
      return check(folder, null);
    }
    try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
      return check(folder, settings.with(redis.environment()));
    }
  }

  /**
   * @param settings null where no queue was ever made for the folder
   */
  private int check(VideoFolder folder, Settings settings) throws Exception {
    if (settings == null) {
      if (repair) {
        throw new UserException(
            "There is no queue to repair into: RDS_HOST names none, and no 'sh-video run' ever used"
                + " "
                + folder.root());
      }
      return tell(ClipAudit.of(folder, null, capturing(folder)));
    }
    QueueSettings queueSettings = QueueSettings.from(settings);
    settings.check();
    try (JobQueue queue = new JobQueue(queueSettings)) {
      queue.ping();
      if (repair) {
        repair(folder, queue);
      }
      return tell(ClipAudit.of(folder, queue, capturing(folder)));
    }
  }

  private void repair(VideoFolder folder, JobQueue queue) throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    if (capturing(folder)) {
      err.println("A capture service records here: its recordings and jobs are left to it.");
    } else {
      finishCapturesWork(folder, queue, err);
    }
    for (Anomaly anomaly : ClipAudit.of(folder, queue, capturing(folder)).anomalies()) {
      if (anomaly.kind() == ClipAudit.Kind.CLIP_WITHOUT_JOB) {
        Job job = Job.forFile(anomaly.what());
        queue.enqueue(job);
        err.println("Queued " + anomaly.what() + ", job " + job.id());
      }
    }
  }

  /** As at a start of capture: salvages what it left behind, and sends what it did not send. */
  private static void finishCapturesWork(VideoFolder folder, JobQueue queue, PrintWriter err)
      throws Exception {
    ClipListener listener =
        new ClipListener() {
          @Override
          public void published(Path clip, Job job) {
            err.println("Salvaged " + clip.getFileName() + ", job " + job.id());
          }

          @Override
          public void queued(Job job) {
            err.println("Sent " + job.filename() + ", job " + job.id());
          }
        };
    Clock clock = Clock.system(ZoneId.systemDefault());
    try (ClipStore store = ClipStore.open(folder, true, clock, listener);
        OutboxSender sender = new OutboxSender(store, queue, new SecureRandom(), listener)) {
      sender.start();
      long deadline = System.nanoTime() + SENT_WITHIN.toNanos();
      while (sender.waiting() > 0 && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private static boolean capturing(VideoFolder folder) throws IOException {
    return ClipStore.isInUse(folder);
  }

  private int tell(ClipAudit ledger) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (asJson) {
      out.println(json.writeValueAsString(ledger));
    } else {
      ledger.print(out);
    }
    return ledger.clean() ? 0 : 1;
  }
}
